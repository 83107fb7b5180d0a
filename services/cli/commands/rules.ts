import type { Command } from 'commander'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { cameraSchema, monitorRequestSchema, type WatchRulesFile } from '#schemas/monitor-request.ts'
import { type RulesReplay, type RulesReplayInputInput, rulesReplaySchema } from '#schemas/rules-replay.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import type { MonitorOptions } from '../monitor/build-request.ts'
import { lineOption, numberOption, zoneOption } from '../monitor/parse-shapes.ts'
import { renderReplay } from '../recordings/render-replay.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, integerOption, resolveTime, TIME_FORMS, timeOption } from './arguments.ts'

interface ReplayOptions extends MonitorOptions {
  monitor?: string
}

/** A week of a busy camera takes minutes. Milliseconds. */
const DEADLINE_MS = 6 * 3_600_000
const EXAMPLES = `
What was seen is kept beside recordings (docs/recordings.md): nothing is decoded, and no network runs. Without zones, lines and rules, and
without --monitor, the rules are those of the monitor that has recorded the camera last.

Examples:
  npx murmur rules replay yard 7d now --zone 'gate=0.1,0.5 0.4,0.5 0.4,0.9 0.1,0.9'
  npx murmur rules replay yard 2026-11-01 2026-11-02 --rules night.json --json`

/** `murmur rules replay`: what would these rules have raised? */
export function addRules(program: Command, run: Run): void {
  const rules = program.command('rules').description('rules of monitors: what they would have raised')
  rules
    .command('replay')
    .description('run rules over what a camera has seen')
    .argument('<camera>', 'name of the camera', checkedBy(cameraSchema))
    .argument('<from>', TIME_FORMS, timeOption)
    .argument('<to>', `${TIME_FORMS}; "now"`, (text: string) => (text === 'now' ? 0 : timeOption(text)))
    .option('--zone <id=x,y …>', 'a zone, three corners or more; may be given several times', zoneOption)
    .option('--line <id=x,y x,y>', 'a line, two ends; may be given several times', lineOption)
    .option('--rules <file>', 'zones, lines and rules as JSON')
    .option('--crowd <n>', 'when so many persons are in a --zone, or in the picture', integerOption(2, 1000))
    .option(
      '--loiter <seconds>',
      'when a person stays in a --zone, or in the picture',
      numberOption(0.5, 86_400),
    )
    .option('--monitor <id>', 'the rules of this monitor, over what it has seen', checkedBy(taskIdSchema))
    .option('--min-score <n>', 'ignore detections below (default: as it was then)', numberOption(0.01, 0.99))
    .addHelpText('after', EXAMPLES)
    .action((camera: string, from: number, to: number, options: ReplayOptions) =>
      run((context) => replay(context, camera, { from, to }, options)),
    )
}

async function replay(
  context: CliContext,
  camera: string,
  { from, to }: { from: number; to: number },
  options: ReplayOptions,
) {
  const { watchRulesOf } = await import('../monitor/build-request.ts')
  const { json, terminal, clock } = context
  const given = watchRulesOf(options, context.folder)
  const nowMs = clock.nowMs()
  const span = { fromMs: resolveTime(from, nowMs), toMs: to === 0 ? nowMs : resolveTime(to, nowMs) }
  await withClient(context, async (client) => {
    const rules = given.rules.length > 0 ? given : await rulesOfMonitor(client, camera, span, options.monitor)
    const input: RulesReplayInputInput = {
      ...{ camera, ...span, zones: rules.zones, lines: rules.lines, rules: rules.rules },
      ...(options.minScore !== undefined && { minScore: options.minScore }),
      ...(options.monitor !== undefined && { monitor: options.monitor }),
    }
    const result = await runReplay(context, client, input)
    if (json) terminal.printJson(result)
    else terminal.print(...renderReplay(result, terminal.outPaint))
  })
  return EXIT.ok
}

async function rulesOfMonitor(
  client: MurmurClient,
  camera: string,
  span: { fromMs: number; toMs: number },
  named: string | undefined,
): Promise<WatchRulesFile> {
  const monitor = named ?? (await client.recordings.timeline({ camera, ...span })).spans.at(-1)?.monitor
  if (!monitor) {
    throw new CliError('USAGE', `there are no rules, and no recording says which monitor watched ${camera}`, {
      fix: 'Give --zone, --line or --rules, or the monitor whose rules are meant: --monitor ID.',
    })
  }
  const { input } = await client.get(monitor)
  const request = monitorRequestSchema.safeParse(input).data
  if (!request)
    throw new CliError('USAGE', `task ${monitor} is no monitor`, { fix: 'Name the task of a monitor.' })
  const { zones, lines, rules } = request
  return { zones, lines, rules }
}

/** As a task like any other: it is shown, it can be cancelled, and it goes on elsewhere where its process dies. */
async function runReplay(
  context: CliContext,
  client: MurmurClient,
  input: RulesReplayInputInput,
): Promise<RulesReplay> {
  const { followTask } = await import('../task-view/follow-task.ts')
  const { outputOf } = await import('../task-view/present-task.ts')
  const { assertCompleted } = await import('../task-view/watch-task.ts')
  const plan = {
    steps: [
      {
        id: 'replay',
        agent: 'rules-replay',
        input: JSON.parse(JSON.stringify(input)),
        timeoutMs: DEADLINE_MS,
      },
    ],
    output: { $from: 'steps.replay.output' },
  }
  const { taskId } = await client.submit({ type: 'plan', plan, deadlineMs: DEADLINE_MS })
  const task = await followTask(context, client, taskId)
  assertCompleted(task)
  return rulesReplaySchema.parse(await outputOf(client, task))
}
