import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { formatBytes } from '../output/quantities.ts'
import { openStack, openTarget } from '../session/session.ts'
import { unwritable } from '../transfer/write-whole.ts'

interface FrameOptions {
  grid?: boolean
  zones: boolean
  out?: string
  force?: boolean
}

const HELP = `
Coordinates of zones and lines are shares of the picture: 0,0 is its top left, 1,1 its bottom right; --grid draws a line at each tenth.

Examples:
  npx murmur look yard --grid
  npx murmur look rtsp://192.0.2.10/stream1 --grid --out yard.jpg`

/** `murmur look`: what a camera sees now. */
export function addFrame(program: Command, run: Run): void {
  program
    .command('look')
    .description('a picture of what a camera sees now, with its zones and lines')
    .argument('<camera>', 'a watched camera, the id of its monitor, or a source as of `murmur monitor`')
    .option('--grid', 'draw a grid of tenths to read coordinates off')
    .option('--no-zones', 'without zones and lines')
    .option('--out <file>', 'where it goes (default: CAMERA.jpg in this folder)')
    .option('--force', 'also over a file that is there')
    .addHelpText('after', HELP)
    .action((camera: string, options: FrameOptions) => run((context) => saveFrame(context, camera, options)))
}

async function saveFrame(context: CliContext, camera: string, options: FrameOptions) {
  const { currentFrame } = await import('../monitor/current-frame.ts')
  const { grid = false, zones, out, force = false } = options
  const file = resolve(context.folder, out ?? `${fileNameOf(camera)}.jpg`)
  if (!/\.jpe?g$/i.test(file))
    throw new CliError('USAGE', `a picture is a JPEG, and ${basename(file)} says that it is something else`, {
      fix: 'End the name of the file in .jpg.',
    })
  const session = (await openTarget(context)) ?? (await openStack(context))
  let jpeg: Uint8Array
  try {
    jpeg = await currentFrame(context, session.client, camera, { grid, zones })
  } finally {
    await session.close()
  }
  await writeFile(file, jpeg, { flag: force ? 'w' : 'wx' }).catch(unwritable(file))
  const { json, terminal } = context
  if (json) terminal.printJson({ file, bytes: jpeg.length })
  else {
    terminal.log(`A picture of ${formatBytes(jpeg.length)}:`)
    terminal.print(file)
  }
  return EXIT.ok
}

/** Of an address only what names no secret. */
function fileNameOf(camera: string): string {
  const plain = camera
    .replace(/^.*@/s, '')
    .replace(/[?#].*$/s, '')
    .replace(/^[a-z]+:(\/\/)?/i, '')
  return (
    plain
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 64) || 'camera'
  )
}
