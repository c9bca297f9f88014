"""The jobs people and schedules start, and every cron line there is."""

import dagster as dg

RAW = dg.AssetSelection.key_prefixes("raw")
MARTS = dg.AssetSelection.groups("staging", "intermediate", "marts", "features") | dg.AssetSelection.keys(
    "ml/attribution/credits", "ml/attribution/intervals", "ml/forecast/revenue"
)
MODELS = dg.AssetSelection.keys("ml/lead_scoring/models")
SCORES = dg.AssetSelection.keys("ml/lead_scoring/priors", "ml/lead_scoring/scores")
DRIFT = dg.AssetSelection.keys("ml/lead_scoring/drift")
LOOKALIKES = dg.AssetSelection.keys("ml/similarity/embeddings", "ml/similarity/lookalikes")
ACTIVATION = dg.AssetSelection.groups("activation")

land = dg.define_asset_job(
    "land", RAW, description="Brings what is new in the store and the drop folder into the lake."
)
build_marts = dg.define_asset_job(
    "build_marts", MARTS, description="dbt with identity components and attribution solved between its parts."
)
train_models = dg.define_asset_job("train_models", MODELS, description="Trains each organization's lead-scoring model.")
activate = dg.define_asset_job(
    "activate",
    SCORES | DRIFT | LOOKALIKES | ACTIVATION,
    description="Scores every contact, ranks companies, writes both back.",
)
refresh = dg.define_asset_job(
    "refresh",
    MARTS | SCORES | DRIFT | LOOKALIKES | ACTIVATION,
    description="Marts, scores and activation in one run: what the hourly schedule starts.",
)

refresh_hourly = dg.ScheduleDefinition(
    name="refresh_hourly", job=refresh, cron_schedule="5 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)
train_models_weekly = dg.ScheduleDefinition(
    name="train_models_weekly",
    job=train_models,
    cron_schedule="30 3 * * 1",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
