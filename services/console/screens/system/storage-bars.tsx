import type { StorageLevel } from '#schemas/storage.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { formatBytes } from '../../data/format.ts'
import { markMeaning } from './system-health.ts'

const TONES = ['ok', 'warn', 'bad', 'bad'] as const

/** How full each store is, with its three marks, the fullest first. */
export function StorageBars({ levels }: { levels: readonly StorageLevel[] }) {
  return (
    <ul className="storage">
      {levels.map((level) => (
        <Bar key={level.resource} level={level} />
      ))}
    </ul>
  )
}

function Bar({ level }: { level: StorageLevel }) {
  const { resource, usedBytes, limitBytes, share, mark, marks, sinceMs } = level
  const percent = Math.round(share * 1000) / 10
  return (
    <li>
      <span className="row">
        <strong>{resource}</strong>
        <span className="dim number">
          {formatBytes(usedBytes)}
          {limitBytes > 0 ? ` of ${formatBytes(limitBytes)}` : ', no limit'}
        </span>
        <span className="spring" />
        <span className="number">{limitBytes > 0 ? `${percent} %` : ''}</span>
      </span>
      {limitBytes > 0 && (
        <div
          className={`storage-bar ${TONES[mark]}`}
          role="meter"
          aria-label={`${resource}: how full`}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuetext={`${percent} %, ${markMeaning(level)}`}
        >
          <span className="storage-used" style={{ width: `${Math.min(100, percent)}%` }} />
          {marks.map((each) => (
            <span
              key={each}
              className="storage-mark"
              style={{ left: `${each * 100}%` }}
              title={`mark at ${Math.round(each * 100)} %`}
            />
          ))}
        </div>
      )}
      <span className="dim small">
        {markMeaning(level)}
        {mark > 0 && (
          <>
            {' '}
            since <RelativeTime atMs={sinceMs} />
          </>
        )}
      </span>
    </li>
  )
}
