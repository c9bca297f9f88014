"""The tables of the lake that no dbt model makes: raw ones, as received, what models write, and what the lake keeps about itself.

Raw tables are `raw.<source>__<table>`; each carries `_loaded_at` and `_batch_id`. Columns are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMAS = ("raw", "staging", "intermediate", "marts", "features", "ml", "meta")

LOADED = "_loaded_at timestamptz, _batch_id text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the lake: its columns as `name type, name type`, and how its files are laid out.

    `month_of` names the time column whose month is a folder; `sorted_by` orders the rows of a file. Many organizations
    share a file: a folder each would multiply files by organizations and months.
    """

    schema: str
    name: str
    declared: str
    month_of: str | None = None
    sorted_by: str | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Name to DuckDB type, in order."""
        pairs = (part.strip().partition(" ") for part in self.declared.split(","))
        return {name: kind.strip() for name, _, kind in pairs}

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


def raw(source: str, table: str, columns: str, *, month_of: str | None = None) -> Table:
    """A raw table of a source."""
    return Table("raw", f"{source}__{table}", f"{columns}, {LOADED}", month_of, "organization_id")


WEBSITE_EVENTS = raw(
    "website_events",
    "events",
    "organization_id text, event_id text, seq bigint, type text, name text, anonymous_id text, session_hint text, "
    "contact_id text, email_hash text, company_domain text, "
    "occurred_at timestamptz, sent_at timestamptz, received_at timestamptz, "
    "consent text, is_gpc boolean, is_dnt boolean, "
    "page_url text, page_host text, page_path text, page_title text, referrer text, "
    "utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text, "
    "gclid text, fbclid text, msclkid text, li_fat_id text, ttclid text, "
    "language text, time_zone text, viewport text, "
    "user_agent text, browser text, os text, device_type text, "
    "ip_network text, network_asn bigint, network_owner text, network_type text, "
    "network_company_domain text, network_company_name text, network_confidence text, country text, "
    "is_bot boolean, bot_reasons text, properties text",
    month_of="occurred_at",
)
OPERATIONAL_CHANGES = raw(
    "operational",
    "changes",
    "organization_id text, seq bigint, transaction_id bigint, entity text, entity_id text, op text, row text, "
    "changed_at timestamptz",
    month_of="changed_at",
)
EMAIL_EVENTS = raw(
    "email_engagement",
    "events",
    "organization_id text, event_id text, type text, message_id text, campaign text, sequence_step bigint, "
    "contact_id text, email_hash text, occurred_at timestamptz, link_url text, is_machine boolean, "
    "machine_reason text, properties text",
    month_of="occurred_at",
)
LINKEDIN_EVENTS = raw(
    "linkedin_engagement",
    "events",
    "organization_id text, event_id text, type text, person_key text, email_hash text, company text, position text, "
    "occurred_at timestamptz, campaign text, properties text",
    month_of="occurred_at",
)
AD_SPEND = raw(
    "ad_spend",
    "spend",
    "organization_id text, spend_id text, spend_on date, channel text, source text, medium text, campaign text, "
    "amount_minor bigint, currency text, click_count bigint, impression_count bigint",
)
CSV_ROWS = raw(
    "csv_upload",
    "rows",
    "organization_id text, import_id text, row_number bigint, row text, file_name text",
)
ENRICHMENT_RESPONSES = raw(
    "enrichment",
    "responses",
    "organization_id text, response_id text, provider text, entity text, lookup_key text, contact_id text, "
    "company_id text, requested_at timestamptz, status text, cost_minor bigint, currency text, response text",
    month_of="requested_at",
)
QUARANTINE = raw(
    "quarantine",
    "rows",
    "organization_id text, quarantine_id text, source text, table_name text, rule text, reason text, row text, "
    "first_seen_at timestamptz, replayed_at timestamptz",
)

RAW_TABLES = (
    WEBSITE_EVENTS,
    OPERATIONAL_CHANGES,
    EMAIL_EVENTS,
    LINKEDIN_EVENTS,
    AD_SPEND,
    CSV_ROWS,
    ENRICHMENT_RESPONSES,
    QUARANTINE,
)

META_TABLES = (
    Table("meta", "landing_marks", "source text, mark text, updated_at timestamptz"),
    Table(
        "meta",
        "landed_batches",
        "source text, organization_id text, batch_id text, file_name text, row_count bigint, landed_at timestamptz",
    ),
    # What newer rules about machines changed, by measure and dimension; `after_value` is null until the build has it.
    Table(
        "meta",
        "rejudgements",
        "organization_id text, from_version bigint, to_version bigint, rejudged_at timestamptz, measure text, "
        "dimension text, before_value double, after_value double",
    ),
    Table("meta", "builds", "name text, finished_at timestamptz, detail text"),
    # A file belongs to one organization, also one that was refused and never landed; a landing from the store holds
    # everybody's rows and names none.
    Table(
        "meta",
        "check_results",
        "source text, table_name text, batch_id text, check_name text, severity text, is_success boolean, "
        "row_count bigint, failed_count bigint, detail text, checked_at timestamptz, organization_id text",
    ),
)

ML_TABLES = (
    Table(
        "ml",
        "lead_scoring__scores",
        "organization_id text, contact_id text, score double, probability double, band text, fit_score double, "
        "engagement_score double, grade text, reasons text, model_version text, scored_at timestamptz",
        sorted_by="organization_id",
    ),
    # What an organization without a model starts from: rates and shifts of its agency's other clients, rounded, never a
    # client's own counts but the reader's. The row without a feature is of everybody. `people_count` is rounded down.
    Table(
        "ml",
        "lead_scoring__priors",
        "organization_id text, feature text, level text, log_odds double, strength double, weight double, "
        "client_count bigint, people_count bigint, own_count bigint, own_good_count bigint, built_at timestamptz",
        sorted_by="organization_id",
    ),
    # What each vector of storage/vectors was made of; `content_hash` is the text's.
    Table(
        "ml",
        "similarity__embeddings",
        "organization_id text, company_id text, embedder text, content_hash text, text text, embedded_at timestamptz",
        sorted_by="organization_id",
    ),
    # `reasons`: JSON list of words; `score` 0 to 100 (models_ml/similarity/ranking.py).
    Table(
        "ml",
        "similarity__lookalikes",
        "organization_id text, company_id text, rank bigint, score double, text_closeness double, firm_odds double, "
        "closest_company_id text, closest_name text, summary text, reasons text, run_id text, ranked_at timestamptz",
        sorted_by="organization_id",
    ),
    # One row a run: what it rested on and what it proved; `report` is the whole evaluation as JSON.
    Table(
        "ml",
        "similarity__runs",
        "organization_id text, run_id text, ran_at timestamptz, embedder text, company_count bigint, "
        "customer_count bigint, negative_count bigint, candidate_count bigint, text_weight double, "
        "lookalike_count bigint, verdict text, report text",
        sorted_by="organization_id",
    ),
    # What rules cannot say in SQL: credits of Markov chains and Shapley values. `effect`: removal effect or Shapley value;
    # `grouped`: JSON list of the channels that are credited together.
    Table(
        "ml",
        "attribution__credits",
        "organization_id text, attribution_level text, conversion_kind text, model text, channel text, "
        "conversion_count double, value_minor double, effect double, grouped text, solved_at timestamptz",
        sorted_by="organization_id",
    ),
    # 95 % of what each model would give each channel if the journeys were drawn anew (models_ml/attribution/intervals.py);
    # shares are of all conversions, 0 to 1.
    Table(
        "ml",
        "attribution__intervals",
        "organization_id text, attribution_level text, conversion_kind text, model text, channel text, "
        "conversion_count_low double, conversion_count_high double, share_low double, share_high double, "
        "share_above_last_touch_low double, share_above_last_touch_high double, account_count bigint, "
        "replicate_count bigint, drawn_at timestamptz",
        sorted_by="organization_id",
    ),
    # One row a day, period and part (`won`, `open`, `new`, `total`), all as known at `known_at`; one without a period where
    # the history was too short. `facts` says what it was made of, so that it is made again where that changed.
    Table(
        "ml",
        "forecast__revenue",
        "organization_id text, as_of_on date, known_at timestamptz, facts text, closed_count bigint, won_count bigint, "
        "week_count bigint, open_count bigint, win_spread double, arrival_spread double, new_a_week double, currency text, "
        "period text, part text, starts_on date, ends_on date, expected_minor double, low_95_minor double, "
        "worst_minor double, low_80_minor double, commit_minor double, best_minor double, high_80_minor double, "
        "high_95_minor double",
        sorted_by="organization_id",
    ),
    # Open deals, how likely each is won by the end of a period, and when in one of two futures that it is won in.
    Table(
        "ml",
        "forecast__deals",
        "organization_id text, as_of_on date, deal_id text, pipeline text, stage text, weeks_in_stage bigint, "
        "amount_minor bigint, this_quarter double, next_quarter double, twelve_months double, won_by_on date",
        sorted_by="organization_id",
    ),
    # What becomes of deals that enter a stage: chance to be won within twelve months, and weeks until half of those are.
    # An empty pipeline stands for all that have too little history of their own.
    Table(
        "ml",
        "forecast__stages",
        "organization_id text, as_of_on date, pipeline text, stage text, reached_count bigint, chance double, "
        "won_in_weeks double",
        sorted_by="organization_id",
    ),
    # Why the weighed pipeline of a day is another than that of a week before; `cause` `before` and `after` are its sums.
    Table(
        "ml",
        "forecast__changes",
        "organization_id text, as_of_on date, deal_id text, cause text, change_minor bigint",
        sorted_by="organization_id",
    ),
    # What was really won in periods that are over, as known today.
    Table(
        "ml",
        "forecast__outcomes",
        "organization_id text, as_of_on date, period text, actual_minor bigint, known_at timestamptz",
        sorted_by="organization_id",
    ),
    # `status`: `active` (it scores), `challenger` (a gate kept it out, `reason` says which) or `retired`; `metrics` is a
    # whole training report as JSON.
    Table(
        "ml",
        "model_versions",
        "organization_id text, model text, version text, algorithm text, trained_at timestamptz, status text, "
        "metrics text, features text, artifact_hash text, reason text, card text",
    ),
    # One row a run and subject: a feature's name, `score`, `base_rate`, `ranking`, `pull` or `pull:` and a feature; `detail` is JSON
    # of shares then and now.
    Table(
        "ml",
        "lead_scoring__drift",
        "organization_id text, run_at timestamptz, version text, subject text, label text, drift double, "
        "by_chance double, level text, then_count bigint, now_count bigint, detail text, since timestamptz",
    ),
)

TABLES = RAW_TABLES + META_TABLES + ML_TABLES
