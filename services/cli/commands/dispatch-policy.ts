import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import {
  type AgentDispatchView,
  agentPolicySchema,
  type SetAgentPolicyRequest,
  STRATEGY_NAMES,
  type StrategyName,
} from '#schemas/agent-policy.ts'
import { agentTypeSchema } from '#schemas/identifiers.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'

interface SetOptions {
  strategy?: StrategyName
  pause?: true
  resume?: true
  policy?: SetAgentPolicyRequest['set']
  unset?: string[]
  resetBreakers?: true
}

const COLUMNS = [
  { title: 'agent' },
  { title: 'breaker' },
  { title: 'out', align: 'right' },
  { title: 'waiting', align: 'right' },
  { title: 'policy', flexible: true },
] as const
const namesSchema = z.string().transform((text) => text.split(','))

/** `murmur agents set` and `murmur agents policies`: how steps of an agent type are dispatched. */
export function addDispatchPolicy(agents: Command, run: Run): void {
  agents
    .command('set')
    .description('change how steps of an agent type are dispatched, while everything runs')
    .argument('<type>', 'the type of agent', checkedBy(agentTypeSchema))
    .addOption(new Option('--strategy <name>', 'who gets a step').choices(STRATEGY_NAMES))
    .addOption(new Option('--pause', 'dispatch nothing; what comes waits').conflicts('resume'))
    .option('--resume', 'dispatch again')
    .option(
      '--policy <json>',
      'limits, weights, keys, breaker: {"concurrency":20,"weights":{"acme":2}}',
      policyJson,
    )
    .option('--unset <names>', 'back to the default, separated by commas', checkedBy(namesSchema))
    .option('--reset-breakers', 'close its circuit breakers')
    .action((agent: string, options: SetOptions) => run((context) => setPolicy(context, agent, options)))
  agents
    .command('policies')
    .description('how agent types are dispatched, what waits, and their circuit breakers')
    .argument('[type]', 'only of this type', checkedBy(agentTypeSchema))
    .action((agent: string | undefined) => run((context) => list(context, agent)))
}

function policyJson(text: string): SetAgentPolicyRequest['set'] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('must be JSON')
  }
  const parsed = agentPolicySchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new InvalidArgumentError(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`)
}

async function setPolicy(context: CliContext, agent: string, options: SetOptions) {
  const { strategy, pause, resume, policy, unset = [], resetBreakers } = options
  const names = [...unset, ...(resume ? ['paused'] : [])]
  const request: SetAgentPolicyRequest = {
    agent,
    set: { ...policy, ...(strategy && { strategy }), ...(pause && { paused: true }) },
    unset: names.map((name) => nameOf(name)),
    ...(resetBreakers && { resetBreakers }),
  }
  const stored = await withClient(context, ({ dispatch }) => dispatch.set(request))
  if (context.json) context.terminal.printJson(stored)
  else context.terminal.log(`${agent}: ${textOf(stored.policy)}`)
  return EXIT.ok
}

function nameOf(name: string): keyof typeof agentPolicySchema.shape {
  const parsed = agentPolicySchema.keyof().safeParse(name)
  if (parsed.success) return parsed.data
  throw new CliError('USAGE', `a policy has no "${printable(name)}"`, {
    fix: `It has ${agentPolicySchema.keyof().options.join(', ')}.`,
  })
}

async function list(context: CliContext, agent: string | undefined) {
  const { terminal, json } = context
  const agents = await withClient(context, ({ dispatch }) => dispatch.list(agent))
  if (json) terminal.printJson({ agents })
  else if (agents.length === 0) terminal.log('Nothing was dispatched yet, and no type has a policy.')
  else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(
      ...renderTable(COLUMNS, agents.map(rowOf), { paint, ...(width !== undefined && { width }) }),
    )
  }
  return EXIT.ok
}

function rowOf({ agent, breaker, out, waiting, policy }: AgentDispatchView): Cell[] {
  const because = breaker.because === undefined ? '' : ` (${printable(breaker.because)})`
  return [
    { text: agent, style: 'bold' },
    { text: `${breaker.state}${because}`, style: breaker.state === 'closed' ? 'green' : 'red' },
    { text: String(out) },
    { text: String(waiting) },
    { text: textOf(policy), style: 'dim' },
  ]
}

function textOf(policy: AgentDispatchView['policy']): string {
  return Object.keys(policy).length === 0 ? 'as by default' : printable(JSON.stringify(policy))
}
