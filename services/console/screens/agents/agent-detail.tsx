import { useState } from 'react'
import { Link } from 'wouter'
import type { StrategyName } from '#schemas/agent-policy.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { Icon } from '../../components/icon.tsx'
import { Badge } from '../../components/status-badge.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { formatCount } from '../../data/format.ts'
import { toProblemError } from '../../data/problem.ts'
import { AgentDashboard } from '../system/dashboards.tsx'
import { BreakerBadge } from './agent-columns.tsx'
import { GoneInstance, Instance } from './agent-instance.tsx'
import { type AgentType, drainStateOf } from './agents-by-type.ts'
import { limitsOf, STRATEGIES } from './strategies.ts'
import { type PolicyChange, useSetPolicy } from './use-agents.ts'

/** One type: its instances, and how its steps are dispatched, to be changed. */
export function AgentDetail({
  agent,
  canChange,
  onClose,
}: {
  agent: AgentType
  /** Whether policies may be read at all; whether they may be changed the edge says. */
  canChange: boolean
  onClose: () => void
}) {
  const { type, instances, gone, dispatch } = agent
  const setPolicy = useSetPolicy()
  const [asking, setAsking] = useState<'drain' | 'reset'>()
  const drain = drainStateOf(agent)
  const change = async (what: PolicyChange, done: string) => {
    await setPolicy(type, what)
    toast({ title: done })
  }
  const tryChange = (what: PolicyChange, done: string) =>
    void change(what, done).catch((error: unknown) =>
      toastProblem(toProblemError(error), `${type} was not changed`),
    )
  const strategy = dispatch?.policy.strategy ?? 'pull'
  return (
    <aside className="card padded stack agent-detail" aria-label={`Agent ${type}`}>
      <header className="row">
        <h2>{type}</h2>
        {drain !== 'open' && <Badge tone="warn">{drain}</Badge>}
        <span className="spring" />
        <AgentDashboard type={type} />
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      {canChange && (
        <>
          <label className="field">
            <span>Strategy</span>
            <select
              value={strategy}
              onChange={({ target }) =>
                tryChange(
                  { set: { strategy: target.value as StrategyName } },
                  `Steps of ${type} go by ${target.value} now`,
                )
              }
            >
              {Object.keys(STRATEGIES).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <span className="dim">{STRATEGIES[strategy]}</span>
          </label>
          {dispatch && <Dispatch {...dispatch} onReset={() => setAsking('reset')} />}
          <div className="row">
            {drain === 'open' ? (
              <button type="button" className="button" onClick={() => setAsking('drain')}>
                <Icon name="pause" /> Drain
              </button>
            ) : (
              <button
                type="button"
                className="button primary"
                onClick={() => tryChange({ unset: ['paused'] }, `${type} takes work again`)}
              >
                <Icon name="play" /> Take work again
              </button>
            )}
            <Link href="/queues" className="button quiet">
              Queues
            </Link>
          </div>
          {drain === 'draining' && (
            <p role="status">
              {formatCount(Math.max(dispatch?.out ?? 0, agent.inFlight))} steps still run; nothing new is
              sent.
            </p>
          )}
          {drain === 'drained' && (
            <p role="status">Nothing runs and nothing is sent: its instances can be stopped.</p>
          )}
        </>
      )}
      <h3>Instances</h3>
      {instances.length === 0 && <p className="dim">None was heard of within the last five seconds.</p>}
      <ul className="instances">
        {instances.map((instance) => (
          <Instance
            key={instance.instance}
            instance={instance}
            canChange={canChange}
            isLast={instances.every((one) => one === instance || one.status !== 'ready')}
          />
        ))}
        {gone.map((drained) => (
          <GoneInstance key={drained.instance} drained={drained} canChange={canChange} />
        ))}
      </ul>
      {canChange && (
        <AsCommand
          action={{
            murmur: ['agents', 'set', type, '--strategy', strategy],
            rest: { method: 'POST', path: `/v1/agent-policies/${type}`, body: { set: { strategy } } },
            nats: { subject: 'murmur.agents.set-policy', body: { agent: type, set: { strategy } } },
          }}
        />
      )}
      {asking === 'drain' && (
        <ConfirmDialog
          title={`Drain ${type}?`}
          action="Drain"
          isDangerous
          onClose={() => setAsking(undefined)}
          onConfirm={() => change({ set: { paused: true } }, `${type} drains`)}
        >
          <p>
            No step of <strong>{type}</strong> is sent any more, of any tenant. What runs, or lies on a queue,
            ends first; what comes waits until the type takes work again. Deadlines go on.
          </p>
          <p className="dim">A single instance is drained below, beside its name.</p>
        </ConfirmDialog>
      )}
      {asking === 'reset' && (
        <ConfirmDialog
          title={`Close the breakers of ${type}?`}
          action="Close them"
          onClose={() => setAsking(undefined)}
          onConfirm={() => change({ resetBreakers: true }, `The breakers of ${type} are closed`)}
        >
          <p>Steps are sent again at once. If they still fail, the breakers open again.</p>
        </ConfirmDialog>
      )}
    </aside>
  )
}

function Dispatch({
  policy,
  waiting,
  out,
  breaker,
  onReset,
}: NonNullable<AgentType['dispatch']> & { onReset: () => void }) {
  return (
    <>
      <dl className="fact-list">
        <div>
          <dt>Waiting</dt>
          <dd className="number">{formatCount(waiting)}</dd>
        </div>
        <div>
          <dt>Sent and not ended</dt>
          <dd className="number">{formatCount(out)}</dd>
        </div>
        <div>
          <dt>Breaker</dt>
          <dd className="row">
            <BreakerBadge state={breaker.state} />
            {breaker.state !== 'closed' && (
              <button type="button" className="button small" onClick={onReset}>
                Close it
              </button>
            )}
          </dd>
        </div>
        <div>
          <dt>Failed of the last {breaker.calls} calls</dt>
          <dd className="number">{(breaker.failureRate * 100).toFixed(1)} %</dd>
        </div>
        {limitsOf(policy).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {breaker.because && <p className="dim">{breaker.because}</p>}
    </>
  )
}
