import type { Occurrence } from '#schemas/schedule.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { localText } from './schedule-text.ts'

/** Occurrences, in the zone of the schedule and how far away they are. */
export function NextRuns({ runs }: { runs: readonly Occurrence[] }) {
  return (
    <ol className="next-runs">
      {runs.map(({ atMs, local }) => (
        <li key={atMs}>
          <span className="number">{localText(local)}</span>
          <span className="dim">
            <RelativeTime atMs={atMs} />
          </span>
        </li>
      ))}
    </ol>
  )
}
