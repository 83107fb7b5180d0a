import type { Column } from '../../components/data-table.tsx'
import { Badge, type Tone } from '../../components/status-badge.tsx'
import { type AgentType, concernOf, drainStateOf } from './agents-by-type.ts'

type BreakerState = 'closed' | 'open' | 'half-open'
const BREAKERS: Readonly<Record<BreakerState, { tone: Tone; sign: string }>> = {
  closed: { tone: 'ok', sign: '✓' },
  'half-open': { tone: 'warn', sign: '◐' },
  open: { tone: 'bad', sign: '✕' },
}

export function BreakerBadge({ state }: { state: BreakerState }) {
  return <Badge {...BREAKERS[state]}>{state}</Badge>
}

export function agentColumns(onOpen: (type: string) => void): readonly Omit<Column<AgentType>, 'width'>[] {
  return [
    {
      id: 'type',
      title: 'Type',
      cell: (agent) => (
        <span className="agent-name">
          <button type="button" className="link" onClick={() => onOpen(agent.type)}>
            {agent.type}
          </button>
          <Concern agent={agent} />
        </span>
      ),
    },
    {
      id: 'instances',
      title: 'Instances',
      align: 'end',
      cell: ({ instances }) => instances.length,
    },
    {
      id: 'versions',
      title: 'Version',
      isWide: true,
      cell: ({ versions }) => <span className="mono">{versions.join(', ') || '–'}</span>,
    },
    { id: 'load', title: 'In flight', cell: (agent) => <Load {...agent} /> },
    {
      id: 'waiting',
      title: 'Waiting',
      align: 'end',
      cell: ({ dispatch }) => dispatch?.waiting.toLocaleString('en') ?? '–',
    },
    {
      id: 'breaker',
      title: 'Breaker',
      isWide: true,
      cell: ({ dispatch }) => (dispatch ? <BreakerBadge state={dispatch.breaker.state} /> : '–'),
    },
    {
      id: 'strategy',
      title: 'Strategy',
      isWide: true,
      cell: ({ dispatch }) => dispatch?.policy.strategy ?? 'pull',
    },
  ]
}

/** Slots that are taken, of those that there are. */
export function Load({ inFlight, capacity }: { inFlight: number; capacity: number }) {
  const share = capacity === 0 ? 0 : Math.min(1, inFlight / capacity)
  return (
    <span className="load">
      <span className="meter not-phone" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="number">
        {inFlight} / {capacity}
      </span>
    </span>
  )
}

function Concern({ agent }: { agent: AgentType }) {
  const drain = drainStateOf(agent)
  const concern = concernOf(agent)
  const drained = agent.instances.filter((one) => one.drain).length
  return (
    <>
      {drain !== 'open' && <Badge tone="warn">{drain}</Badge>}
      {drained > 0 && <Badge tone="warn">{`${drained} drained`}</Badge>}
      {concern && (
        <span className={`agent-concern ${concern.tone}`} title={concern.text}>
          {concern.text}
        </span>
      )}
    </>
  )
}
