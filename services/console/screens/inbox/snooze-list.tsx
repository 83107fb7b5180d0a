import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { Snooze } from '#schemas/snooze.ts'
import { ClockTime } from '../../components/relative-time.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { toProblemError } from '../../data/problem.ts'

const REFRESH_MS = 30_000

/** The snoozes that hold, each to be ended. Nothing where there is none. */
export function SnoozeList({ person }: { person: string }) {
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: ['snoozes'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      ((await ask(api.GET('/v1/snoozes', { signal }))).snoozes ?? []) as Snooze[],
  })
  const end = async ({ id, camera }: Snooze) => {
    try {
      await ask(api.POST('/v1/snoozes/{id}/end', { params: { path: { id } }, body: { by: person } }))
      toast({ title: `${camera} is told of again` })
    } catch (error) {
      toastProblem(toProblemError(error), 'The snooze was not ended')
    }
    await client.invalidateQueries({ queryKey: ['snoozes'] })
  }
  if (!data || data.length === 0) return null
  return (
    <details className="snoozes">
      <summary>
        {data.length === 1 ? '1 snooze holds' : `${data.length} snoozes hold`}:{' '}
        {data.map(({ camera }) => camera).join(', ')}
      </summary>
      <ul className="plain">
        {data.map((snooze) => (
          <li key={snooze.id} className="row">
            <strong>{snooze.camera}</strong> {snooze.rule ?? 'everything'}
            <span className="dim">
              until <ClockTime atMs={snooze.untilMs} />, by {snooze.by}
              {snooze.reason && `: ${snooze.reason}`}
            </span>
            <button type="button" className="button small" onClick={() => void end(snooze)}>
              End it
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
