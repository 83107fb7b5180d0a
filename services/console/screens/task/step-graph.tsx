import { useEffect, useMemo, useRef } from 'react'
import type { Plan } from '#schemas/plan.ts'
import type { StepState } from '#schemas/task.ts'
import { STATUS_TONES } from '../../components/status-badge.tsx'
import { curve, NODE, placeSteps } from './graph-layout.ts'
import { kindOfStep } from './step-text.ts'

/** More steps than this are not drawn: a picture of them helps nobody. */
const MAX_DRAWN = 400

/** The plan as a picture, coloured by what has become of each step. A list of items, or a loop, is one node with its count. */
export function StepGraph({
  plan,
  steps,
  selected,
  onSelect,
  isNarrow,
}: {
  plan: Plan
  /** Undefined: nothing has been run. */
  steps?: Readonly<Record<string, StepState>> | undefined
  selected: string | undefined
  onSelect: (stepId: string) => void
  isNarrow: boolean
}) {
  const placed = useMemo(
    () => (plan.steps.length > MAX_DRAWN ? undefined : placeSteps(plan, isNarrow ? 'TB' : 'LR')),
    [plan, isNarrow],
  )
  const frame = useRef<HTMLElement>(null)
  // What is chosen is seen, also where the plan is wider than its frame.
  useEffect(() => {
    const node = placed?.nodes.find(({ id }) => id === selected)
    const element = frame.current
    if (!node || !element) return
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = element
    if (node.x < scrollLeft || node.x + NODE.width > scrollLeft + clientWidth)
      element.scrollLeft = node.x - (clientWidth - NODE.width) / 2
    if (node.y < scrollTop || node.y + NODE.height > scrollTop + clientHeight)
      element.scrollTop = node.y - (clientHeight - NODE.height) / 2
  }, [placed, selected])
  if (!placed)
    return (
      <p className="dim padded">{plan.steps.length} steps are too many for a picture: see the waterfall.</p>
    )
  const byId = new Map(plan.steps.map((step) => [step.id, step]))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than its frame is scrolled with the keyboard
    <section ref={frame} className="graph" aria-label="Plan" tabIndex={0}>
      <svg width={placed.width} height={placed.height} role="presentation">
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M1 1 7 4 1 7" fill="none" stroke="var(--line-strong)" strokeWidth="1.4" />
          </marker>
        </defs>
        {placed.edges.map(({ from, to, points }) => (
          <path
            key={`${from} ${to}`}
            d={curve(points)}
            className={`graph-edge ${steps?.[from]?.status === 'completed' ? 'done' : ''}`}
            markerEnd="url(#arrow)"
          />
        ))}
        {placed.nodes.map(({ id, x, y }) => {
          const state = steps?.[id]
          const step = byId.get(id)!
          const { tone, sign } = STATUS_TONES[state?.status ?? 'waiting']
          const isMany = step.forEach !== undefined || step.repeat !== undefined
          const isTold = steps !== undefined
          return (
            <g key={id} transform={`translate(${x} ${y})`}>
              {isMany && (
                <rect className="graph-shade" x="5" y="5" width={NODE.width} height={NODE.height} rx="7" />
              )}
              <foreignObject width={NODE.width} height={NODE.height}>
                <button
                  type="button"
                  className={`graph-node ${isTold ? tone : 'plain'}`}
                  aria-pressed={id === selected}
                  onClick={() => onSelect(id)}
                >
                  <span className="graph-name">
                    {isTold && <span aria-hidden="true">{sign}</span>} {id}
                  </span>{' '}
                  <span className="graph-kind">
                    {kindOfStep(step)}
                    {state?.items && (
                      <span className="number">
                        {' '}
                        {state.items.completed + state.items.failed}/{state.items.total}
                      </span>
                    )}
                    {state?.iteration !== undefined && <span className="number"> ×{state.iteration}</span>}
                    {state && state.attempt > 1 && <span className="number"> attempt {state.attempt}</span>}
                  </span>{' '}
                  {state && <span className="sr-only">{state.status}</span>}
                </button>
              </foreignObject>
            </g>
          )
        })}
      </svg>
    </section>
  )
}
