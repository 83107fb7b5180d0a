import '../cameras/cameras.css'
import './alert-detail.css'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Alert } from '#schemas/alert.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { Icon } from '../../components/icon.tsx'
import { ClockTime, RelativeTime } from '../../components/relative-time.tsx'
import { Badge } from '../../components/status-badge.tsx'
import { SeverityBadge } from '../cameras/severity.tsx'
import { useMonitorRequest } from '../cameras/use-monitors.ts'
import { AlertClip } from './alert-clip.tsx'
import { BookmarkDialog } from './bookmark-dialog.tsx'
import { SnoozeDialog } from './snooze-dialog.tsx'
import { useAlertChanges } from './use-alert-changes.ts'
import { whyRaised } from './why-words.ts'

const STATUS_TONES = {
  open: { tone: 'bad', sign: '!' },
  acknowledged: { tone: 'info', sign: '▸' },
  resolved: { tone: 'ok', sign: '✓' },
} as const

export function AlertStatusBadge({ status }: { status: Alert['status'] }) {
  return <Badge {...STATUS_TONES[status]}>{status}</Badge>
}

/** Where the bytes of an object are. */
export function objectUrl(blob: string): string {
  return `/v1/objects/${blob.split('/').map(encodeURIComponent).join('/')}`
}

/** One alert: its picture, its clip, why it was raised, and what can be done about it. */
export function AlertDetail({
  alert,
  person,
  onChanged,
}: {
  alert: Alert
  person: string
  /** After it was acknowledged or resolved. */
  onChanged?: (alert: Alert) => void
}) {
  const client = useQueryClient()
  const { data: request } = useMonitorRequest(alert.monitor)
  const { change, notThis, busy } = useAlertChanges(person)
  const [isSnoozing, setSnoozing] = useState(false)
  const [isBookmarking, setBookmarking] = useState(false)
  const { id, severity, status, camera, message, atMs, snapshot, changedBy, changedAtMs, note, snoozed } =
    alert
  return (
    <article className="stack" aria-label={message}>
      <header className="stack tight">
        <h2>{message}</h2>
        <p className="row">
          <SeverityBadge severity={severity} /> <AlertStatusBadge status={status} />
          <span className="dim">
            {camera} · <ClockTime atMs={atMs} /> · <RelativeTime atMs={atMs} />
          </span>
        </p>
      </header>
      <AlertClip alert={alert} poster={snapshot ? objectUrl(snapshot.blob) : undefined} />
      <div className="actions start">
        <button
          type="button"
          className="button primary"
          disabled={busy || status !== 'open'}
          onClick={() => void change('acknowledge', [alert]).then((done) => done && onChanged?.(alert))}
        >
          <Icon name="check" /> Acknowledge
        </button>
        <button
          type="button"
          className="button"
          disabled={busy || status === 'resolved'}
          onClick={() => void change('resolve', [alert]).then((done) => done && onChanged?.(alert))}
        >
          Resolve
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => setSnoozing(true)}>
          <Icon name="bell" /> Snooze
        </button>
        <button type="button" className="button" onClick={() => setBookmarking(true)}>
          <Icon name="star" /> Bookmark this alert
        </button>
        {alert.objects.length > 0 && (
          <button
            type="button"
            className="button"
            disabled={busy}
            title="What it is about is none: it is learned, and not told again"
            onClick={() => void notThis(alert).then((done) => done && onChanged?.(alert))}
          >
            Not this
          </button>
        )}
      </div>
      {changedBy && (
        <p className="dim">
          {status} by {changedBy} {changedAtMs !== undefined && <RelativeTime atMs={changedAtMs} />}
          {note && <>: {note}</>}
        </p>
      )}
      {snoozed && (
        <p className="dim">
          Raised while it was snoozed by {snoozed.by} until <ClockTime atMs={snoozed.untilMs} />
        </p>
      )}
      <section className="stack tight" aria-label="Why it was raised">
        <h3>Why it was raised</h3>
        <dl className="why-list">
          {whyRaised(alert, request).map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {alert.modelWarning && <p className="camera-warning">{alert.modelWarning}</p>}
        <p className="row small">
          <Link href={`/cameras/${alert.monitor}`}>The camera</Link>
          <Link href={`/cameras/${alert.monitor}/rules`}>Its zones and rules</Link>
        </p>
      </section>
      <AsCommand
        action={{
          murmur: ['alerts', 'ack', id],
          rest: { method: 'POST', path: `/v1/alerts/${id}/acknowledge`, body: { by: person } },
          nats: { subject: 'murmur.alerts.change', body: { id, status: 'acknowledged', by: person } },
        }}
      />
      {isBookmarking && (
        <BookmarkDialog
          target={{ alert: id, name: message }}
          person={person}
          onClose={() => setBookmarking(false)}
        />
      )}
      {isSnoozing && (
        <SnoozeDialog
          camera={camera}
          rule={alert.rule.id}
          person={person}
          onClose={() => {
            setSnoozing(false)
            void client.invalidateQueries({ queryKey: ['snoozes'] })
          }}
        />
      )}
    </article>
  )
}
