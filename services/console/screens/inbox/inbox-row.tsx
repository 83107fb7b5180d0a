import { RelativeTime } from '../../components/relative-time.tsx'
import { Badge } from '../../components/status-badge.tsx'
import { SeverityBadge } from '../cameras/severity.tsx'
import { objectUrl } from '../review/alert-detail.tsx'
import type { InboxItem } from './inbox-items.ts'

export function InboxRow({
  item,
  isCurrent,
  isChosen,
  onOpen,
  onChoose,
}: {
  item: InboxItem
  isCurrent: boolean
  isChosen: boolean
  onOpen: () => void
  onChoose: () => void
}) {
  const title = item.kind === 'approval' ? item.approval.approval.title : item.alert.message
  return (
    <li
      className="inbox-row"
      data-key={item.key}
      aria-current={isCurrent || undefined}
      data-seen={(item.kind === 'alert' && item.isReviewed) || undefined}
    >
      {item.kind === 'alert' ? (
        <input type="checkbox" aria-label={`Select ${title}`} checked={isChosen} onChange={onChoose} />
      ) : (
        <span aria-hidden="true" />
      )}
      <button type="button" className="inbox-open" onClick={onOpen}>
        <span className="inbox-title">{title}</span>
        <span className="inbox-about">
          {item.kind === 'approval' ? (
            <Badge tone="warn" sign="?">
              approval
            </Badge>
          ) : (
            <SeverityBadge severity={item.alert.severity} />
          )}
          {item.kind === 'approval' ? (
            <span className="ellipsis">
              {item.approval.taskType} · {item.approval.stepId}
            </span>
          ) : (
            <span className="ellipsis">
              {item.alert.camera} · {item.alert.rule.id}
              {item.alert.occurrences > 1 && ` · ${item.alert.occurrences}×`}
              {item.alert.status === 'acknowledged' && ' · acknowledged'}
            </span>
          )}
          <RelativeTime atMs={item.atMs} />
        </span>
      </button>
      {item.kind === 'alert' && item.alert.snapshot && (
        <img src={objectUrl(item.alert.snapshot.blob)} alt="" loading="lazy" />
      )}
    </li>
  )
}
