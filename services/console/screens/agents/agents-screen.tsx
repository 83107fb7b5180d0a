import './agents.css'
import { useMemo } from 'react'
import { usePaletteCommands } from '../../app/page-commands.ts'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { toProblemError } from '../../data/problem.ts'
import { useUrlState } from '../../data/url-state.ts'
import { agentColumns } from './agent-columns.tsx'
import { AgentDetail } from './agent-detail.tsx'
import { agentTypesOf } from './agents-by-type.ts'
import { useAgentPolicies, useAgents } from './use-agents.ts'

export default function AgentsScreen() {
  const [state, set] = useUrlState(['type'])
  const agents = useAgents()
  const policies = useAgentPolicies()
  const types = useMemo(
    () => agentTypesOf(agents.data?.agents ?? [], policies.data ?? [], agents.data?.drains),
    [agents.data, policies.data],
  )
  const columns = useMemo(() => agentColumns((type) => set({ type }, { push: true })), [set])
  const selected = types.find(({ type }) => type === state.text('type'))
  usePaletteCommands(
    types.map(({ type }) => ({
      label: `Open agent ${type}`,
      icon: 'agents' as const,
      run: () => set({ type }, { push: true }),
    })),
  )
  const living = agents.data?.agents.length ?? 0
  return (
    <div className="page">
      <PageHeader
        title="Agents"
        meta={
          <>
            <span className="number">
              {living} {living === 1 ? 'instance' : 'instances'} of {types.length}{' '}
              {types.length === 1 ? 'type' : 'types'}
            </span>
            {policies.isRefused && (
              <span>breakers, strategies and queues need a key with the scope policies:read</span>
            )}
          </>
        }
      />
      {agents.error && <ErrorPanel problem={toProblemError(agents.error)} onRetry={agents.refetch} />}
      {agents.isPending ? (
        <Loading label="Looking for agents" />
      ) : (
        <div className={`list-and-detail ${selected ? 'has-detail' : ''}`}>
          <PlainTable
            label="Types of agents"
            columns={columns}
            rows={types}
            keyOf={({ type }) => type}
            selectedKey={selected?.type}
            empty={
              <EmptyState title="No agent lives" icon="agents">
                Start one with <code>murmur dev</code>, or see docs/agents.md.
              </EmptyState>
            }
          />
          {selected && (
            <AgentDetail
              key={selected.type}
              agent={selected}
              canChange={!policies.isRefused}
              onClose={() => set({ type: undefined })}
            />
          )}
        </div>
      )}
    </div>
  )
}
