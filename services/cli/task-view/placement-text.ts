import type { Placement } from '#schemas/placement.ts'
import type { TaskState } from '#schemas/task.ts'
import { count } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'

/** Why each step went to its instance, in the order of the plan: its name, then lines about it. Pure. */
export function placementLines({ plan, steps }: TaskState): string[] {
  return plan.steps.flatMap(({ id }) => {
    const step = steps[id]
    if (!step?.placement) return []
    const by = step.instance ?? step.run?.instance
    const [first = '', ...more] = textsOf(step.placement, by)
    return [`${id}  ${first}`, ...more.map((text) => `${' '.repeat(id.length)}  ${text}`)].map(printable)
  })
}

function textsOf(placement: Placement, by: string | undefined): string[] {
  const { runId, instance, strategy, because, candidates, leftOut } = placement
  const about = runId === undefined ? '' : ` (${runId})`
  if (instance === undefined) {
    const why = placement.atMs === undefined ? 'pull' : because
    return [by === undefined ? because : `taken by ${by}${about} (${why})`]
  }
  // Whose queue it lay in: if that one died, another has run it.
  const ran = by === undefined || by === instance ? '' : `; run by ${by}`
  const texts = [`${instance}${about} by ${strategy}: ${because}${ran}`]
  if (candidates.length > 0)
    texts.push(`considered: ${candidates.map(candidateText).join(', ')}${moreText(placement.moreCandidates)}`)
  if (leftOut.length > 0) {
    const reasons = leftOut.map((one) => `${one.instance}: ${one.because}`)
    texts.push(`left out: ${reasons.join('; ')}${moreText(placement.moreLeftOut)}`)
  }
  return texts
}

function candidateText({ instance, inFlight, capacity, score }: Placement['candidates'][number]): string {
  const scored = score === undefined ? '' : `, score ${score}`
  return `${instance} (${inFlight} of ${count(capacity, 'slot')}${scored})`
}

function moreText(more: number | undefined): string {
  return more === undefined ? '' : ` and ${more} more`
}
