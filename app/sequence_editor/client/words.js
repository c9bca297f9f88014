/* Kinds of steps: what they are called, look like, begin with and say in one line; and the fields of a whole sequence. */

const stroke = (path) => `<svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.9" `
  + `stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

export const KINDS = {
  email: {
    label: 'Email', color: '#4f46e5',
    icon: stroke('<rect x="3" y="5" width="18" height="14" rx="2"/><path d="m3.5 7 8.5 6 8.5-6"/>'),
    fresh: (isFirst) => ({
      ...(isFirst ? { subject: 'A question' } : {}),
      text: "Hello {{ contact.first_name | default: 'there' }},\n\nwrite here.\n\n{{ sender.name }}\n",
    }),
    say: (step) => step.subject || `Re: ${(step.text ?? '').trim().split('\n')[0]}`,
  },
  wait: {
    label: 'Wait', color: '#64748b', icon: stroke('<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>'),
    fresh: () => ({ days: 3 }),
    say: (step) => [[step.days, 'day'], [step.hours, 'hour'], [step.minutes, 'minute']]
      .filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ') || 'No time',
  },
  condition: {
    label: 'Condition', color: '#0891b2', icon: stroke('<path d="M12 3v5M12 8l-6 6v7M12 8l6 6v7"/>'),
    fresh: () => ({ when: ['has_clicked:eq:true'] }),
    say: (step) => asList(step.when).map(inWords).join(' and ') || 'Always',
  },
  split: {
    label: 'A/B test', color: '#db2777', icon: stroke('<path d="M5 4v4c0 3 3 4 7 4s7 1 7 4v4M19 4v4c0 3-3 4-7 4"/>'),
    fresh: () => ({ arms: [{ id: 'a', next: 'end' }, { id: 'b', next: 'end' }] }),
    say: (step) => `${asList(step.arms).map((arm) => share(step, arm)).join(' / ')} by ${step.by ?? 'company'}`,
  },
  action: {
    label: 'Action', color: '#d97706', icon: stroke('<path d="M13 3 5 14h6l-1 7 8-11h-6z"/>'),
    fresh: () => ({ do: 'notify_owner', message: 'Have a look at this contact' }),
    say: (step) => ({ set_stage: `Stage → ${step.stage ?? '…'}`, set_attribute: `${step.attribute || '…'} = ${step.value ?? ''}`,
      notify_owner: step.message || 'Tell the owner' })[step.do] ?? String(step.do),
  },
  task: {
    label: 'Task', color: '#16a34a', icon: stroke('<rect x="4" y="4" width="16" height="16" rx="3"/><path d="m8.5 12 2.5 2.5 4.5-5"/>'),
    fresh: () => ({ kind: 'call', title: 'Call them' }),
    say: (step) => `${step.title || '…'}${step.waits ? ' · waits for it' : ''}`,
  },
};

export function kindOf(step) {
  return KINDS[step.type] ?? { label: String(step.type ?? 'Unknown'), color: '#dc2626', icon: stroke('<path d="M12 7v7M12 17v.5"/>'), say: () => '' };
}

export const STEP_FIELDS = {
  wait: [number('days', 'Days', 365), number('hours', 'Hours', 23), number('minutes', 'Minutes', 59)],
  split: [choice('by', 'Dealt to', ['company', 'contact'], 'company', 'Everybody of one company gets the same arm, or each person their own.')],
  task: [
    choice('kind', 'What', 'kinds'), line('title', 'Title'), area('body', 'In detail', 4), number('due_in_days', 'Due in days', 90),
    tick('waits', 'Goes on only when it is done'),
  ],
  action: [choice('do', 'What happens', ['set_stage', 'set_attribute', 'notify_owner'])],
};

export const ACTION_FIELDS = {
  set_stage: [choice('stage', 'Stage', 'stages')],
  set_attribute: [line('attribute', 'Custom field'), line('value', 'Value')],
  notify_owner: [line('message', 'Message')],
};

const REACTIONS = ['stop', 'pause', 'continue'];
export const SETTINGS = [
  { title: '', fields: [line('name', 'Name'), lines('mailboxes', 'Only from these mailboxes', 'Without any, every mailbox may carry it.')] },
  {
    title: 'How much', fields: [
      number('limits.per_day', 'Messages a day', 100000, 200), number('limits.new_per_day', 'New people a day', 100000, 50),
      number('limits.active_per_company', 'People of one company at a time', 1000, 3),
      number('limits.per_recipient_domain_per_hour', 'To one mail domain an hour', 10000, 20),
      number('limits.quiet_days', 'Days without any touch before the first message', 365, 3),
    ],
  },
  {
    title: 'When', fields: [
      line('window.time_zone', 'Time zone', "The organization's"),
      ...['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day, index) => commas(`window.${day}`,
        ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][index], index < 5 ? '09:00-17:00' : 'closed')),
      commas('window.holidays', 'Holidays', '2026-12-25, 2026-12-26'),
      tick('window.in_contact_zone', 'Only in working hours of the contact too'),
      line('starts_on', 'First day', '2026-09-01'), line('ends_on', 'Last day', '2026-10-31'),
      choice('priority', 'First in the queue', ['follow_ups', 'new'], 'follow_ups'),
    ],
  },
  {
    title: 'What ends it', fields: [
      choice('rules.reply', 'An answer', REACTIONS, 'stop'), choice('rules.auto_reply', 'An automatic answer', REACTIONS, 'pause'),
      choice('rules.meeting', 'A meeting', REACTIONS, 'stop'), choice('rules.stage_change', 'Another stage', REACTIONS, 'continue'),
      commas('rules.company', 'For the whole company, too', 'reply, meeting, unsubscribe'),
    ],
  },
  {
    title: 'What is noted', fields: [
      asAgreed('tracking.clicks', 'Clicks', 'follow_ups: in every message but the first.'), asAgreed('tracking.opens', 'Opens'),
    ],
  },
  {
    title: 'Who may be in it', fields: [
      choice('entry.exclusivity', 'Together with other sequences', ['all', 'exclusive', 'none'], 'all', 'all: never in two; none: in any others.'),
      choice('entry.consent', 'Consent', ['not_refused', 'granted'], 'not_refused'),
      number('entry.again_after_days', 'Again after days', 3650, 'once'),
      commas('entry.blocked_stages', 'Stages that are kept out', 'customer, opportunity'),
    ],
  },
];

export const OPS = {
  eq: 'is', ne: 'is not', gt: 'above', gte: 'at least', lt: 'below', lte: 'at most', in: 'one of', not_in: 'none of',
  contains: 'contains', starts: 'begins with', empty: 'is empty', filled: 'is filled',
};

export function spoken(name) {
  const text = String(name).replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function inWords(text) {
  const [name, op, ...value] = String(text).split(':');
  return [name.replace('attributes.', '').replaceAll('_', ' '), OPS[op] ?? op, value.join(':').replaceAll(',', ', ')].filter(Boolean).join(' ');
}

function share(step, arm) {
  if (arm.is_enabled === false) return 'off';
  const weights = asList(step.arms).filter((each) => each.is_enabled !== false).map((each) => each.weight ?? 1);
  return `${Math.round((100 * (arm.weight ?? 1)) / weights.reduce((sum, weight) => sum + weight, 0))} %`;
}

function asList(value) {
  return Array.isArray(value) ? value : [];
}

function line(path, label, placeholder = '') { return { path, label, kind: 'line', placeholder }; }
function area(path, label, rows, help = '') { return { path, label, kind: 'area', rows, help }; }
function lines(path, label, help = '') { return { path, label, kind: 'lines', rows: 2, help }; }
function commas(path, label, placeholder = '') { return { path, label, kind: 'commas', placeholder }; }
function number(path, label, most, placeholder = 0) { return { path, label, kind: 'number', most, placeholder }; }
function tick(path, label) { return { path, label, kind: 'tick' }; }
function choice(path, label, choices, preset, help = '') { return { path, label, kind: 'choice', choices, preset, help }; }
function asAgreed(path, label, help = '') {
  return { ...choice(path, label, ['', 'never', 'follow_ups', 'always'], '', help), unsaid: 'As the settings say' };
}
