import type { Command } from 'commander'
import { changeAlertRequestSchema } from '#schemas/alert.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { bestClipAt, type FindClipsRequest, spanOfAlert } from '#schemas/recording.ts'
import { findRunningStack } from '../../../deploy/local/stack/stack-note.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { renderRecordings, renderTimeline, spanText } from '../recordings/render-recordings.ts'
import { saveClip } from '../recordings/save-clip.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, durationOption, resolveTime, TIME_FORMS, timeOption } from './arguments.ts'

const alertIdSchema = changeAlertRequestSchema.shape.id
const MOMENT = `${TIME_FORMS}`

interface ClipOptions {
  out?: string
  before?: number
  after?: number
  link?: boolean
  expires: number
  force?: boolean
}

/** `murmur recordings` and `murmur clip`. */
export function addRecordings(program: Command, run: Run): void {
  const recordings = program
    .command('recordings')
    .description('what is recorded of cameras: listed, by time, as files')
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .action(({ camera }: { camera?: string }) => run((context) => list(context, camera)))
  withSpan(
    recordings.command('timeline').description('what happened at a camera: video, events, objects'),
  ).action((camera: string, from: number, to: number) =>
    run((context) => timeline(context, camera, { from, to })),
  )
  withSpan(
    recordings
      .command('export')
      .description('write a span of a camera into a file; several where its format changed'),
  )
    .option('--out <file>', 'where to (default: CAMERA-TIME.mp4)')
    .option('--force', 'write over a file that is there')
    .action((camera: string, from: number, to: number, options: { out?: string; force?: boolean }) =>
      run((context) => exportSpan(context, camera, { from, to }, options)),
    )
  program
    .command('clip')
    .description('the clip of an alert, as the camera sent it')
    .argument('<alert>', 'id of the alert', checkedBy(alertIdSchema))
    .option('--out <file>', 'where to (default: ALERT.mp4)')
    .option('--before <duration>', 'so long before the alert (default: 10s)', durationOption)
    .option('--after <duration>', 'so long after it (default: 20s)', durationOption)
    .option('--force', 'write over a file that is there')
    .option('--link', 'print a link that shows it to whoever has it, instead')
    .option('--expires <duration>', 'how long the link holds', durationOption, 86_400_000)
    .action((alert: string, options: ClipOptions) => run((context) => clip(context, alert, options)))
}

function withSpan(command: Command): Command {
  return command
    .argument('<camera>', 'name of the camera', checkedBy(cameraSchema))
    .argument('<from>', MOMENT, timeOption)
    .argument('<to>', `${MOMENT}; "now"`, (text: string) => (text === 'now' ? 0 : timeOption(text)))
}

/** 0 stands for now. */
function spanOf(
  { clock }: CliContext,
  camera: string,
  { from, to }: { from: number; to: number },
): FindClipsRequest {
  const nowMs = clock.nowMs()
  const span = { fromMs: resolveTime(from, nowMs), toMs: to === 0 ? nowMs : resolveTime(to, nowMs) }
  if (span.toMs <= span.fromMs)
    throw new CliError('USAGE', 'the end is not later than the beginning', {
      fix: 'Give the earlier time first.',
    })
  return { camera, ...span }
}

async function list(context: CliContext, camera: string | undefined) {
  const { json, terminal, clock } = context
  const found = await withClient(context, (client) => client.recordings.list(camera))
  if (json) terminal.printJson(found)
  else if (found.recordings.length === 0) terminal.log('Nothing is recorded: docs/recordings.md says how.')
  else terminal.print(...renderRecordings(found.recordings, clock.nowMs(), terminal.outPaint))
  if (found.missing.length > 0)
    terminal.log(`${found.missing.length} nodes with recordings do not answer: what they have is not here.`)
  return EXIT.ok
}

async function timeline(context: CliContext, camera: string, times: { from: number; to: number }) {
  const { json, terminal } = context
  const found = await withClient(context, (client) =>
    client.recordings.timeline(spanOf(context, camera, times)),
  )
  if (json) terminal.printJson(found)
  else terminal.print(...renderTimeline(found, terminal.outPaint, terminal.columns))
  return EXIT.ok
}

async function exportSpan(
  context: CliContext,
  camera: string,
  times: { from: number; to: number },
  { out, force = false }: { out?: string; force?: boolean },
) {
  const { json, terminal } = context
  const request = spanOf(context, camera, times)
  await withClient(context, async (client) => {
    const clips = await clipsOf(client, request)
    for (const [index, clip] of clips.entries()) {
      const name = out ?? `${camera}-${fileTime(clip.fromMs)}.mp4`
      const file =
        clips.length > 1 && out !== undefined ? name.replace(/(\.mp4)?$/, `-${index + 1}.mp4`) : name
      const saved = await saveClip(
        context,
        client,
        { found: { request, clip }, index },
        { file, mayReplace: force },
      )
      if (json) terminal.printJson({ file: saved, clip })
      else terminal.log(`${spanText(clip)} written to ${file}.`)
    }
  })
  return EXIT.ok
}

async function clip(context: CliContext, id: string, options: ClipOptions) {
  const { json, terminal } = context
  await withClient(context, async (client) => {
    if (options.link) return printLink(context, client, id, options.expires)
    const alert = await client.video.alert(id)
    const request = spanOfAlert(alert, { beforeMs: options.before, afterMs: options.after })
    const clips = await clipsOf(client, request)
    const best = bestClipAt(clips, alert.atMs)!
    const file = options.out ?? `${id}.mp4`
    const found = { found: { request, clip: best }, index: clips.indexOf(best) }
    const saved = await saveClip(context, client, found, { file, mayReplace: options.force ?? false })
    if (json) terminal.printJson({ file: saved, clip: best })
    else terminal.log(`${spanText(best)} written to ${file}.`)
  })
  return EXIT.ok
}

async function printLink(
  { json, terminal, clock, home }: CliContext,
  client: MurmurClient,
  id: string,
  expiresMs: number,
) {
  if (!client.address.startsWith('http')) {
    const local = findRunningStack(home)?.services.find(({ restUrl }) => restUrl !== undefined)?.restUrl
    throw new CliError('USAGE', 'a link leads to an edge, and this command is connected to NATS', {
      fix: `Name the edge that people reach: --edge ${local === undefined ? 'URL' : new URL(local).origin}.`,
    })
  }
  const link = await client.recordings.link(id, Math.max(1, Math.round(expiresMs / 1000)))
  const url =
    link.url.startsWith('/') && client.address.startsWith('http') ? `${client.address}${link.url}` : link.url
  if (json) terminal.printJson({ ...link, url })
  else {
    const hours = Math.round((link.expiresAtMs - clock.nowMs()) / 360_000) / 10
    terminal.log(`Whoever has this link sees the clip, for ${hours} h:`)
    terminal.print(url)
  }
}

async function clipsOf(client: MurmurClient, request: FindClipsRequest) {
  const { clips, missing } = await client.recordings.clips(request)
  if (clips.length > 0) return clips
  const away = missing.length > 0 ? `; ${missing.length} nodes with recordings do not answer` : ''
  throw new CliError('NO_RECORDING', `there is no recording of ${request.camera} at that time${away}`, {
    fix: '`npx murmur recordings` shows which cameras are recorded, since when, and why one may not be.',
  })
}

function fileTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 19).replaceAll(':', '')
}
