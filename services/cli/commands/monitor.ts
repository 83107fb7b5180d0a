import { type Command, Option } from 'commander'
import { modelNameSchema } from '#schemas/model-names.ts'
import {
  analyseSchema,
  cameraSchema,
  paceSchema,
  sensitivitySchema,
  startsAtSchema,
} from '#schemas/monitor-request.ts'
import { siteSchema } from '#schemas/site.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MonitorOptions } from '../monitor/build-request.ts'
import { scoreOption, tilesOption } from '../monitor/parse-detection.ts'
import { lineOption, monitorDurationOption, numberOption, zoneOption } from '../monitor/parse-shapes.ts'
import type { MonitorSpec } from '../monitor/run-monitor.ts'
import { openStack, openTarget, type Session } from '../session/session.ts'
import { checkedBy, integerOption } from './arguments.ts'

interface CommandOptions extends Omit<MonitorOptions, 'detect'> {
  /** As it was typed: an address or a device. */
  detect?: string
  out?: string
  detach?: boolean
}

const MAX_DWELL_S = 86_400
const EXAMPLES = `
Points are shares of the picture: 0,0 is its top left, 1,1 its bottom right.
A --zone alone is a place where nobody is to be: whoever enters it, person or vehicle, is a critical alert. With --loiter or
--crowd it is watched for that instead; with a rule of --rules that names it, for what the rule says. A --line alone alerts when
anybody crosses it. Ctrl-C ends the monitor in order: its summary is made. A second Ctrl-C cancels it.

Examples:
  npx murmur monitor scene:yard --rules examples/monitor/rules.json
  npx murmur monitor clip.mp4 --zone 'gate=0.1,0.5 0.4,0.5 0.4,0.9 0.1,0.9' --clip
  npx murmur monitor rtsp://192.0.2.10/stream1 --camera yard --line 'exit=0.5,0 0.5,1' --for 10m`

export function addMonitor(program: Command, run: Run): void {
  program
    .command('monitor')
    .description('watch video: persons and vehicles, and alerts when a rule comes true')
    .argument('<source>', 'a file, an rtsp:// or http(s):// address, /dev/videoN, or scene:NAME[:SEED]')
    .option(
      '--camera <name>',
      'name in subjects and alerts (default: made from the source)',
      checkedBy(cameraSchema),
    )
    .option(
      '--detect <source>',
      "the camera's substream, which is analysed; pictures, clips and recordings come from the source itself",
    )
    .option('--site <name>', 'the site where the camera is (docs/sites.md)', checkedBy(siteSchema))
    .option('--zone <id=x,y …>', 'a zone, three corners or more; may be given several times', zoneOption)
    .option('--line <id=x,y x,y>', 'a line, two ends; may be given several times', lineOption)
    .option('--rules <file>', 'zones, lines and rules as JSON')
    .option(
      '--crowd <n>',
      'alert when so many persons are in a --zone, or in the picture',
      integerOption(2, 1000),
    )
    .option(
      '--loiter <seconds>',
      'alert when a person stays in a --zone, or in the picture, for so long',
      numberOption(0.5, MAX_DWELL_S),
    )
    .addOption(
      new Option(
        '--pace <pace>',
        'live: as it comes, dropping what is too much; complete: every frame of a recording (default: complete for files)',
      ).choices(paceSchema.options),
    )
    .option('--fps <n>', 'frames analysed a second, at most', numberOption(0.1, 60))
    .addOption(
      new Option(
        '--analyse <frames>',
        'motion: frames in which something moves, and --idle-fps of the others; every: all (default: motion; every with --pace complete)',
      ).choices(analyseSchema.options),
    )
    .option(
      '--idle-fps <n>',
      'frames a second that are analysed while nothing moves, at least (default: 0.5)',
      numberOption(0.2, 60),
    )
    .addOption(
      new Option('--sensitivity <how>', 'how little counts as motion (default: normal)').choices(
        sensitivitySchema.options,
      ),
    )
    .option('--loop', 'start a recording again when it ends')
    .option(
      '--starts-at <time>',
      'when a recording begins, with its zone: 2026-11-29T22:00:00+01:00 (default: as the file says, else now)',
      checkedBy(startsAtSchema),
    )
    .option('--for <duration>', 'end by itself after 30s, 5m, 1h; never (the default)', monitorDurationOption)
    .option(
      '--min-score <n>',
      'ignore detections below (default: what the model says)',
      numberOption(0.01, 0.99),
    )
    .option(
      '--score <class=n>',
      'the same for a class or a label alone: person=0.5, bicycle=0.6; may be given several times',
      scoreOption,
    )
    .option(
      '--model <name>',
      'the model that looks, of `murmur models list` (default: one for real video; for scenes the one trained on them)',
      checkedBy(modelNameSchema),
    )
    .option(
      '--tiles <columns x rows>',
      'for small and far objects: cut each picture into 2x1, 2x2 … 4x4 parts, which is that many times the work, and once more',
      tilesOption,
    )
    .option('--clip', 'keep the clip with everything drawn into it')
    .option('--record', 'record what is a recording itself, too')
    .option('--no-record', 'keep no video of a camera, nor what was seen (docs/recordings.md)')
    .option('--out <folder>', 'where the results go (default: monitors/<task id> in .murmur)')
    .option('--detach', 'submit, print the id, and leave')
    .addHelpText('after', EXAMPLES)
    .action((source: string, options: CommandOptions) =>
      run(async (context) => {
        await monitor(context, source, options)
        return undefined
      }),
    )
}

async function monitor(context: CliContext, source: string, typed: CommandOptions): Promise<void> {
  const { checkMonitor, watchRulesOf } = await import('../monitor/build-request.ts')
  const { parseDetectSource, parseSource } = await import('../monitor/parse-source.ts')
  const { presentMonitor } = await import('../monitor/render-summary.ts')
  const { runMonitor, submitMonitor } = await import('../monitor/run-monitor.ts')
  const { detect, ...rest } = typed
  const options = {
    ...rest,
    ...(detect !== undefined && { detect: parseDetectSource(detect, context.folder) }),
  }
  const spec: MonitorSpec = {
    source: parseSource(source, context.folder),
    rules: watchRulesOf(options, context.folder),
    options,
    outDir: options.out,
  }
  // All that can be wrong with it, before anything is started for it.
  checkMonitor(spec)
  const session = await openSession(context, options.detach ?? false)
  try {
    if (options.detach) leave(context, await submitMonitor(context, session.client, spec))
    else {
      const finished = await runMonitor(context, session.client, spec)
      presentMonitor(context, finished)
      const { ended, reason } = finished.summary
      // A script is to know that the rest was never seen.
      if (ended === 'source failed')
        throw new CliError('SOURCE_FAILED', `the source failed: ${reason ?? 'it can be read no further'}`)
    }
  } finally {
    await session.close()
  }
}

function leave({ json, terminal }: CliContext, taskId: string): void {
  if (json) {
    terminal.printJson({ taskId })
    return
  }
  terminal.log(`It goes on by itself: npx murmur stop ${taskId} ends it, npx murmur show ${taskId} shows it.`)
  terminal.print(taskId)
}

/** What is up; or a stack of this command's own for as long as it takes, unless the monitor is to outlive it. */
async function openSession(context: CliContext, mustOutlive: boolean): Promise<Session> {
  const session = await openTarget(context)
  if (session) return session
  if (mustOutlive) throw new CliError('NO_STACK', 'no stack runs here that a monitor could be left to')
  context.terminal.log('No stack runs here: starting one for this monitor. `npx murmur dev` keeps one up.')
  return openStack(context)
}
