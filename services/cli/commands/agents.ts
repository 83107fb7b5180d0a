import type { Command } from 'commander'
import type { AgentView } from '#schemas/agent.ts'
import type { Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import type { Paint } from '../output/paint.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { withClient } from '../session/session.ts'
import { addDispatchPolicy } from './dispatch-policy.ts'

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
  stopped: 'red',
}

export function addAgents(program: Command, run: Run): void {
  const agents = program
    .command('agents')
    .description('list the agents that live: heard of within the last five seconds')
    .action(() =>
      run(async (context) => {
        const { terminal, clock, json } = context
        const agents = await withClient(context, (client) => client.agents())
        if (json) terminal.printJson({ agents })
        else if (agents.length === 0) terminal.log('No agents.')
        else {
          const { outPaint: paint, columns: width } = terminal
          const rows = agents.map((agent) => agentRow(agent, clock.nowMs()))
          terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
        }
        return EXIT.ok
      }),
    )
  addDispatchPolicy(agents, run)
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
