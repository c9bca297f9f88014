"""The tables of the operational store, by concern. Importing this package registers all of them on `Base.metadata`.

A change here comes with a migration: `python -m storage.ops.migrate new "what it does"`, then read what it wrote.
"""

from storage.ops.tables.access import (
    ApiKey,
    AuditEntry,
    AuditHead,
    Invitation,
    LoginAttempt,
    LoginSession,
    Membership,
    Organization,
    RecoveryCode,
    SecondFactor,
    SubjectKey,
    User,
)
from storage.ops.tables.base import Base
from storage.ops.tables.brands import Brand
from storage.ops.tables.capture import EventInbox, EventKey, RejectedEvent
from storage.ops.tables.companies import CompanySummary, LookalikeMark, LookalikeSearch
from storage.ops.tables.crm import (
    Activity,
    AttributeDefinition,
    Company,
    Contact,
    Deal,
    DealStageChange,
    LifecycleChange,
    Task,
)
from storage.ops.tables.custom_fields import ContactValue
from storage.ops.tables.enrichment import (
    EnrichmentAnswer,
    EnrichmentBudget,
    EnrichmentCall,
    EnrichmentConnection,
    EnrichmentLookupRow,
    EnrichmentRow,
    EnrichmentRun,
    EnrichmentValue,
    EnrichmentWorkflow,
    EnrichmentWorkflowVersion,
)
from storage.ops.tables.erasures import Erasure
from storage.ops.tables.experiments import Experiment, ExperimentExposure
from storage.ops.tables.forms import Consent, Form, FormSubmission, Suppression
from storage.ops.tables.imports import Import, ImportRow
from storage.ops.tables.ledger import ChangeLog, DecisionLedger, IdentityDecision, OrganizationSetting
from storage.ops.tables.merges import CompanyMerge, ContactMerge, DuplicateProposal
from storage.ops.tables.money import Campaign, ClientCost, FxRate, RevenueEntry, Spend
from storage.ops.tables.outreach import (
    Enrolment,
    EnrolmentBatch,
    EnrolmentBatchPart,
    Mailbox,
    MessageEvent,
    MessageHit,
    OutboxMessage,
    OutreachSequence,
    SendingDomain,
    SequenceVersion,
)
from storage.ops.tables.provider_reports import ProviderReport, ProviderWebhook
from storage.ops.tables.replies import InboundMessage, InboxReading
from storage.ops.tables.report_links import ReportLink
from storage.ops.tables.routing import Notification, RepDuty, RoutingTurn, ServiceClock
from storage.ops.tables.saved_views import SavedView
from storage.ops.tables.scoring import ContactFeatureSnapshot, Score, ScorePrior, ScoreQuestion
from storage.ops.tables.search import CompanyWords, ContactWords
from storage.ops.tables.signals import BuyingSignal, PlayRun, RejectedSignal, SignalFeed
from storage.ops.tables.single_sign_on import IdentityLink, IdentityProvider
from storage.ops.tables.tags import CompanyTag, ContactTag, Tag
from storage.ops.tables.webhook_endpoints import WebhookDelivery, WebhookEndpoint
from storage.ops.tables.work import IdempotencyKey, Job, QuarantineReplay

__all__ = [
    "Activity",
    "ApiKey",
    "AttributeDefinition",
    "AuditEntry",
    "AuditHead",
    "Base",
    "Brand",
    "BuyingSignal",
    "Campaign",
    "ChangeLog",
    "ClientCost",
    "Company",
    "CompanyMerge",
    "CompanySummary",
    "CompanyTag",
    "CompanyWords",
    "Consent",
    "Contact",
    "ContactFeatureSnapshot",
    "ContactMerge",
    "ContactTag",
    "ContactValue",
    "ContactWords",
    "Deal",
    "DealStageChange",
    "DecisionLedger",
    "DuplicateProposal",
    "EnrichmentAnswer",
    "EnrichmentBudget",
    "EnrichmentCall",
    "EnrichmentConnection",
    "EnrichmentLookupRow",
    "EnrichmentRow",
    "EnrichmentRun",
    "EnrichmentValue",
    "EnrichmentWorkflow",
    "EnrichmentWorkflowVersion",
    "Enrolment",
    "EnrolmentBatch",
    "EnrolmentBatchPart",
    "Erasure",
    "EventInbox",
    "EventKey",
    "Experiment",
    "ExperimentExposure",
    "Form",
    "FormSubmission",
    "FxRate",
    "IdempotencyKey",
    "IdentityDecision",
    "IdentityLink",
    "IdentityProvider",
    "Import",
    "ImportRow",
    "InboundMessage",
    "InboxReading",
    "Invitation",
    "Job",
    "LifecycleChange",
    "LoginAttempt",
    "LoginSession",
    "LookalikeMark",
    "LookalikeSearch",
    "Mailbox",
    "Membership",
    "MessageEvent",
    "MessageHit",
    "Notification",
    "Organization",
    "OrganizationSetting",
    "OutboxMessage",
    "OutreachSequence",
    "PlayRun",
    "ProviderReport",
    "ProviderWebhook",
    "QuarantineReplay",
    "RecoveryCode",
    "RejectedEvent",
    "RejectedSignal",
    "RepDuty",
    "ReportLink",
    "RevenueEntry",
    "RoutingTurn",
    "SavedView",
    "Score",
    "ScorePrior",
    "ScoreQuestion",
    "SecondFactor",
    "SendingDomain",
    "SequenceVersion",
    "ServiceClock",
    "SignalFeed",
    "Spend",
    "SubjectKey",
    "Suppression",
    "Tag",
    "Task",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
