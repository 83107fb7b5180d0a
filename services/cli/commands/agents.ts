import type { Command } from 'commander'
import type { AgentView } from '#schemas/agent.ts'
import type { DrainedInstance } from '#schemas/agent-drain.ts'
import type { Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { addDispatchPolicy } from './dispatch-policy.ts'
import { addInstanceDrains } from './instance-drains.ts'

const COLUMNS = [
  { title: 'agent' },
  { title: 'version' },
  { title: 'status' },
  { title: 'busy', align: 'right' },
  { title: 'done', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'up', align: 'right' },
  { title: 'instance', flexible: true },
] as const

const STATUS_STYLES: Record<AgentView['status'], keyof Paint> = {
  ready: 'green',
  draining: 'yellow',
  drained: 'yellow',
  stopped: 'red',
}

export function addAgents(program: Command, run: Run): void {
  const agents = program
    .command('agents')
    .description('list the agents that live: heard of within the last five seconds')
    .action(() =>
      run(async (context) => {
        const { terminal, clock, json } = context
        const { agents, drains = [] } = await withClient(context, (client) => client.registry())
        if (json) terminal.printJson({ agents, drains })
        else if (agents.length === 0) terminal.log('No agents.')
        else {
          const { outPaint: paint, columns: width } = terminal
          const rows = agents.map((agent) => agentRow(agent, clock.nowMs()))
          terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
        }
        if (!json) for (const line of drainLines(drains, agents, clock.nowMs())) terminal.log(line)
        return EXIT.ok
      }),
    )
  addDispatchPolicy(agents, run)
  addInstanceDrains(agents, run)
}

/** Since when instances are drained and why, and those among them that are not there. Pure. */
export function drainLines(
  drains: readonly DrainedInstance[],
  agents: readonly Pick<AgentView, 'type' | 'instance'>[],
  nowMs: number,
): string[] {
  if (drains.length === 0) return []
  const lines = drains.map(({ agent, instance, sinceMs, reason }) => {
    const isThere = agents.some((one) => one.type === agent && one.instance === instance)
    const since = formatDuration(Math.max(0, nowMs - sinceMs))
    const why = reason === undefined ? '' : `: ${printable(reason)}`
    return `  ${instance} of ${agent}, for ${since}${isThere ? '' : ', not heard of'}${why}`
  })
  return [`${count(drains.length, 'instance')} drained (\`murmur agents undrain INSTANCE\`):`, ...lines]
}

function agentRow(agent: AgentView, nowMs: number): Cell[] {
  return [
    { text: agent.type, style: 'bold' },
    { text: agent.version },
    { text: agent.status, style: STATUS_STYLES[agent.status] },
    { text: `${agent.inFlight}/${agent.capacity}` },
    { text: String(agent.completed ?? '') },
    { text: String(agent.failed ?? '') },
    { text: formatDuration(nowMs - agent.startedAtMs) },
    { text: agent.instance, style: 'dim' },
  ]
}
