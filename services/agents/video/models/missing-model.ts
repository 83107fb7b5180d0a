import { existsSync } from 'node:fs'
import type { ModelCard } from '#schemas/detection.ts'
import type { ModelSource } from './model-source.ts'

/** What speaks against relying on a model here; undefined where nothing does. Pure. */
export function modelWarning(
  { name, domain }: { name: string; domain?: ModelCard['domain'] | undefined },
  origin: 'real' | 'scene' | undefined,
): string | undefined {
  if (origin !== 'real' || domain !== 'rendered') return undefined
  return `${name} was trained on drawn pictures: what it says of real video is not to be relied on`
}

/** For whoever asked for a model that is not here: why, and the three ways to get one. */
export function missingModelText({ manifest: { name }, release }: ModelSource, reason: string): string {
  if (!release) return `model ${name} can't be used: ${reason}`
  const { url, file } = release
  // A file that somebody has put there in good faith must not be passed over in silence.
  const other = existsSync(file) ? `, and ${file} is another file than the released one` : ''
  return [
    `there is no model for real video: ${name} is not here${other}, and ${reason}.`,
    `Three ways to get one: 1. \`murmur models pull ${name}\` on the machine that detects, where there is internet;`,
    `2. put ${url} there as ${file};`,
    '3. start detectors with MURMUR_MODEL=FILE.onnx, a model of your own.',
    'To try things out all the same: --model starter, which was trained on drawn pictures, and says so on every alert',
  ].join(' ')
}
