import { formatCount } from '../../data/format.ts'
import type { Share } from './queue-rows.ts'

/** Tenants that are named beside the bar; all of them stand in its title. */
const NAMED = 2

/** Whose a number of steps is, as a bar with a part for each tenant. */
export function ShareBar({ label, shares }: { label: string; shares: readonly Share[] }) {
  if (shares.length === 0) return null
  const texts = shares.map(
    ({ tenant, count, share }) => `${tenant ?? 'others'} ${percent(share)}, ${formatCount(count)}`,
  )
  const text = texts.join('; ')
  return (
    <span className="share-bar-line" title={text}>
      <span className="dim small">{label}</span>
      <span className="share-bar" role="img" aria-label={`Steps that are ${label}: ${text}`}>
        {shares.map(({ tenant, share }) => (
          <span key={tenant ?? ''} style={{ width: `${share * 100}%` }} />
        ))}
      </span>
      <span className="share-bar-names small">
        {shares
          .slice(0, NAMED)
          .map(({ tenant, share }) => `${tenant ?? 'others'} ${percent(share)}`)
          .join(', ')}
        {shares.length > NAMED && <span className="dim"> and {shares.length - NAMED} more</span>}
      </span>
    </span>
  )
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`
}
