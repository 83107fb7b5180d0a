import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const ROOT = join(import.meta.dirname, '../..')
const ASSETS = process.env.MURMUR_ASSETS ?? join(ROOT, '../shared/assets')
export const STARTER = join(ROOT, 'services/agents/video/detection/starter/starter.onnx')

/** Files for measurements that are not part of the repository; undefined where they are not. */
export function asset(path: string): string | undefined {
  const file = join(ASSETS, path)
  return existsSync(file) ? file : undefined
}

/** What is asked for, else a real network where there is one, else the starter model. */
export function chooseModel(wanted: string | undefined): string {
  return wanted ?? asset('models/yolox_nano.onnx') ?? STARTER
}

/** A real clip where there is one, else a rendered scene. */
export async function chooseClip(folder: string): Promise<string> {
  const real = asset('clips/pets09-s2l1-480x360.mp4')
  if (real) return real
  const clip = join(folder, 'street.mp4')
  const scenes = join(ROOT, 'services/agents/video/scenes/main.ts')
  await promisify(execFile)(process.execPath, [
    scenes,
    'render',
    'street',
    '--seed',
    '1',
    '--out',
    clip,
    '--truth',
    join(folder, 'street.json'),
  ])
  return clip
}
