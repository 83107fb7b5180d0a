import { type Command, Option } from 'commander'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  CAMERA_VIEW_STATUSES,
  type ListCamerasRequest,
  type ListCamerasResponse,
} from '#schemas/camera-view.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { renderCameraFacts } from '../cameras/camera-facts.ts'
import { renderCameras, statusSums } from '../cameras/render-cameras.ts'
import type { CliContext, Run } from '../cli-context.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDuration, timeOfDay } from '../output/quantities.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'
import { addDiscover } from './onvif.ts'

interface Options extends ListCamerasRequest {
  watch?: boolean
}

const INTERVAL_MS = 1000
/** Lines that nobody draws over again come less often. */
const PLAIN_INTERVAL_MS = 5000

export function addCameras(program: Command, run: Run): void {
  const cameras = program
    .command('cameras')
    .description(
      'every camera that is to be watched: how it is and why, rate, lag, losses, streams, decoding, model',
    )
    .addOption(new Option('--status <status>', 'only these').choices(CAMERA_VIEW_STATUSES))
    .option('--camera <name>', 'only this one, with all that is known of it', checkedBy(cameraSchema))
    .option('--watch', 'go on showing them, until Ctrl-C')
    .action(({ watch, ...request }: Options) =>
      run(async (context) => {
        await withClient(context, (client) =>
          watch ? watchCameras(context, client, request) : listCameras(context, client, request),
        )
        return EXIT.ok
      }),
    )
  addDiscover(cameras, run)
}

async function listCameras(
  { clock, json, terminal }: CliContext,
  client: MurmurClient,
  request: ListCamerasRequest,
) {
  const found = await client.video.cameras(request)
  if (json) terminal.printJson(found)
  else if (found.total === 0) terminal.log('No cameras.')
  else {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(...renderCameras(found.cameras, { ...found, nowMs: clock.nowMs(), paint, width }))
    // Of one there is room for all.
    if (request.camera !== undefined)
      for (const camera of found.cameras) terminal.print('', ...renderCameraFacts(camera, paint))
  }
}

/** A screen on a terminal, a line each time elsewhere, a document each time with --json. Who does not answer for a while is waited for. */
async function watchCameras(
  { clock, json, signal, terminal }: CliContext,
  client: MurmurClient,
  request: ListCamerasRequest,
): Promise<void> {
  const intervalMs = terminal.isLive ? INTERVAL_MS : PLAIN_INTERVAL_MS
  let last: ListCamerasResponse | undefined
  let silentSinceMs: number | undefined
  while (!signal.aborted) {
    const fromMs = clock.monotonicMs()
    try {
      last = await client.video.cameras(request)
      silentSinceMs = undefined
    } catch (error) {
      const mayPass = error instanceof MurmurError && ['UNAVAILABLE', 'RATE_LIMITED'].includes(error.code)
      if (!last || !mayPass) throw error
      silentSinceMs ??= fromMs
    }
    if (signal.aborted) return
    const nowMs = clock.nowMs()
    if (silentSinceMs !== undefined && !terminal.isLive)
      terminal.log(`No answer for ${formatDuration(clock.monotonicMs() - silentSinceMs)}.`)
    else if (json) terminal.printJson(last)
    else if (terminal.isLive) {
      const { paint, liveColumns: width, liveRows } = terminal
      const state =
        silentSinceMs === undefined
          ? paint.dim(timeOfDay(nowMs))
          : paint.red(`no answer for ${formatDuration(clock.monotonicMs() - silentSinceMs)}`)
      const lines = renderCameras(last.cameras, { ...last, nowMs, paint, width })
      terminal.drawLive([`${state}  ${paint.dim('Ctrl-C ends it')}`, ...lines].slice(0, liveRows - 1))
    } else
      terminal.print(
        `${timeOfDay(nowMs)}  ${last.total} cameras: ${statusSums(last.cameras, terminal.outPaint)}`,
      )
    await clock.sleep(Math.max(0, intervalMs - (clock.monotonicMs() - fromMs)), signal).catch(() => undefined)
  }
}
