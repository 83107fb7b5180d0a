import './inbox.css'
import { useEffect, useRef, useState } from 'react'
import type { Alert } from '#schemas/alert.ts'
import { SEVERITIES } from '#schemas/severities.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { AlertDetail } from '../review/alert-detail.tsx'
import { AlertingNotice } from '../review/alerting-notice.tsx'
import { SnoozeDialog } from '../review/snooze-dialog.tsx'
import { useAlertChanges } from '../review/use-alert-changes.ts'
import { ApprovalPanel } from './approval-panel.tsx'
import { HandOnDialog } from './hand-on-dialog.tsx'
import { filterItems, type InboxItem, type InboxTab, stepKey } from './inbox-items.ts'
import { InboxRow } from './inbox-row.tsx'
import { PersonField } from './person-field.tsx'
import { SnoozeList } from './snooze-list.tsx'
import { useInbox } from './use-inbox.ts'
import { useKeys } from './use-keys.ts'
import { usePerson } from './use-person.ts'

const TABS: readonly [tab: InboxTab, label: string][] = [
  ['all', 'All'],
  ['approvals', 'Approvals'],
  ['alerts', 'Alerts'],
]

export default function InboxScreen() {
  const [url, set] = useUrlState(['tab', 'severity', 'camera', 'reviewed', 'item'])
  const { person, setName } = usePerson()
  const inbox = useInbox(person)
  const tab = (url.text('tab') ?? 'all') as InboxTab
  const items = filterItems(inbox.items, {
    tab,
    severity: url.text('severity'),
    camera: url.text('camera'),
    withReviewed: url.text('reviewed') === 'yes',
  })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [snoozed, setSnoozed] = useState<Alert>()
  const [handingOn, setHandingOn] = useState<OpenApprovalView>()
  const changes = useAlertChanges(person)
  const isLoading = inbox.loading.approvals || (inbox.loading.alerts && tab !== 'approvals')
  // What is open stays open when it has been reviewed meanwhile, though the list does not show it any more.
  const item = url.text('item')
  const current = inbox.items.find(({ key }) => key === item)
  const open = (key: string | undefined) => set({ item: key })
  const picked = items.filter(({ key }) => chosen.has(key))
  const alertsOf = (of: readonly InboxItem[]) =>
    of.flatMap((each) => (each.kind === 'alert' ? [each.alert] : []))
  const targets = alertsOf(picked.length > 0 ? picked : current ? [current] : [])
  const onward = () => open(stepKey(items, item, 1))
  const toggle = (key: string) => {
    const next = new Set(chosen)
    if (!next.delete(key)) next.add(key)
    setChosen(next)
  }
  const done = () => {
    setChosen(new Set())
    if (picked.length === 0) onward()
  }
  const list = useRef<HTMLUListElement>(null)
  useKeys({
    j: () => open(stepKey(items, item, 1)),
    k: () => open(stepKey(items, item, -1)),
    x: () => item && toggle(item),
    a: () => targets.length > 0 && void changes.change('acknowledge', targets).then((ok) => ok && done()),
    e: () => targets.length > 0 && void changes.change('resolve', targets).then((ok) => ok && done()),
    r: () => {
      if (targets.length === 0) return
      const isSeen = picked.length === 0 && current?.kind === 'alert' && current.isReviewed
      void changes.markAlerts(targets, !isSeen).then((ok) => ok && done())
    },
    h: () => current?.kind === 'approval' && setHandingOn(current.approval),
    s: () => targets[0] && setSnoozed(targets[0]),
    escape: () => (chosen.size > 0 ? setChosen(new Set()) : open(undefined)),
    'ctrl+a': () => setChosen(new Set(alertsOf(items).map(({ id }) => id))),
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another one is shown
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [item])
  const cameras = [...new Set(alertsOf(inbox.items).map(({ camera }) => camera))].sort()
  const counts = {
    approvals: inbox.items.filter(({ kind }) => kind === 'approval').length,
    alerts: inbox.items.filter((each) => each.kind === 'alert' && !each.isReviewed).length,
  }
  return (
    <div className="page fixed inbox" data-open={current !== undefined || undefined}>
      <PageHeader
        title="Inbox"
        meta={
          <>
            <span className="number">
              {counts.approvals} to approve, {counts.alerts} {counts.alerts === 1 ? 'alert' : 'alerts'} to
              review
            </span>
            <span className="not-narrow">
              <kbd>J</kbd> <kbd>K</kbd> move · <kbd>R</kbd> reviewed · <kbd>A</kbd> acknowledge · <kbd>E</kbd>{' '}
              resolve · <kbd>S</kbd> snooze · <kbd>H</kbd> hand on · <kbd>X</kbd> select · <kbd>Esc</kbd>
            </span>
          </>
        }
      >
        {setName && <PersonField person={person} setName={setName} />}
      </PageHeader>
      <div className="filters">
        {TABS.map(([name, label]) => (
          <button
            key={name}
            type="button"
            className="button small"
            aria-pressed={tab === name}
            onClick={() => set({ tab: name === 'all' ? '' : name })}
          >
            {label} {name !== 'all' && <span className="number">{counts[name]}</span>}
          </button>
        ))}
        <select
          className="input"
          aria-label="Severity"
          value={url.text('severity') ?? ''}
          onChange={(event) => set({ severity: event.target.value })}
        >
          <option value="">Any severity</option>
          {SEVERITIES.map((severity) => (
            <option key={severity}>{severity}</option>
          ))}
        </select>
        <select
          className="input"
          aria-label="Camera"
          value={url.text('camera') ?? ''}
          onChange={(event) => set({ camera: event.target.value })}
        >
          <option value="">Any camera</option>
          {cameras.map((camera) => (
            <option key={camera}>{camera}</option>
          ))}
        </select>
        <label className="row check">
          <input
            type="checkbox"
            checked={url.text('reviewed') === 'yes'}
            onChange={(event) => set({ reviewed: event.target.checked ? 'yes' : '' })}
          />
          with reviewed ones
        </label>
      </div>
      <SnoozeList person={person} />
      {inbox.problems.map((error) => (
        <ErrorPanel key={error.message} problem={toProblemError(error)} onRetry={inbox.refetch} />
      ))}
      {inbox.hasAlerting === false && tab !== 'approvals' && <AlertingNotice />}
      <div className="inbox-panes">
        <div className="inbox-list card">
          {!isLoading && items.length === 0 && (
            <EmptyState title="Nothing waits for you" icon="inbox">
              Approvals that plans ask for and alerts of cameras come here by themselves.
            </EmptyState>
          )}
          <ul ref={list} aria-label="Waiting">
            {items.map((each) => (
              <InboxRow
                key={each.key}
                item={each}
                isCurrent={each.key === item}
                isChosen={chosen.has(each.key)}
                onOpen={() => open(each.key)}
                onChoose={() => toggle(each.key)}
              />
            ))}
          </ul>
          {isLoading && <Loading label={inbox.loading.approvals ? 'Inbox' : 'Alerts'} />}
        </div>
        <section className="inbox-detail card padded" aria-label="What is chosen">
          {current && (
            <button type="button" className="button small inbox-back" onClick={() => open(undefined)}>
              <Icon name="chevron-left" /> Back to the list
            </button>
          )}
          {current?.kind === 'approval' && (
            <ApprovalPanel
              key={current.key}
              view={current.approval}
              onDone={onward}
              onHandOn={() => setHandingOn(current.approval)}
            />
          )}
          {current?.kind === 'alert' && (
            <AlertDetail key={current.key} alert={current.alert} person={person} onChanged={onward} />
          )}
          {!current && (
            <EmptyState title={item ? 'It is not waited for any more' : 'Choose one'} icon="eye">
              With <kbd>J</kbd> you go from one to the next.
            </EmptyState>
          )}
        </section>
      </div>
      {picked.length > 0 && (
        <div className="selection" role="status">
          {picked.length} selected
          <button
            type="button"
            className="button small"
            disabled={changes.busy}
            onClick={() => void changes.change('acknowledge', targets).then((ok) => ok && done())}
          >
            Acknowledge
          </button>
          <button
            type="button"
            className="button small"
            disabled={changes.busy}
            onClick={() => void changes.change('resolve', targets).then((ok) => ok && done())}
          >
            Resolve
          </button>
          <button
            type="button"
            className="button small"
            disabled={changes.busy}
            onClick={() => void changes.markAlerts(targets, true).then((ok) => ok && done())}
          >
            Reviewed
          </button>
          <button type="button" className="button small" onClick={() => setChosen(new Set())}>
            Clear
          </button>
        </div>
      )}
      {handingOn && (
        <HandOnDialog
          view={handingOn}
          onClose={() => setHandingOn(undefined)}
          onDone={() => setHandingOn(undefined)}
        />
      )}
      {snoozed && (
        <SnoozeDialog
          camera={snoozed.camera}
          rule={snoozed.rule.id}
          person={person}
          onClose={() => setSnoozed(undefined)}
        />
      )}
    </div>
  )
}
