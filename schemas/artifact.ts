import { z } from 'zod'
import { type BlobRef, blobRefSchema } from './blob.ts'
import { taskIdSchema } from './identifiers.ts'
import { type JsonValue, jsonValueSchema } from './json.ts'

/** A file that a task made: an object of the object store that its output refers to. */
export const artifactSchema = blobRefSchema.extend({
  /** File name for people; without one, what the reference stands under. */
  name: z.string().min(1).max(256),
  /** Where in the output the reference stands: a JSON pointer (RFC 6901), empty for all of it. */
  path: z.string(),
})
export type Artifact = z.infer<typeof artifactSchema>

export const artifactExample: Artifact = {
  name: 'report.html',
  blob: 'tasks/tq3v9xK0aYw5Z1bC7dE2fG4h/synthesis/2f6c1d',
  size: 18_340,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  contentType: 'text/html',
  path: '/html',
}

/** `murmur.tasks.result` */
export const getTaskResultRequestSchema = z.strictObject({ taskId: taskIdSchema })
export const getTaskResultResponseSchema = z.object({ output: jsonValueSchema })

/** `murmur.tasks.artifacts` */
export const listArtifactsRequestSchema = z.strictObject({ taskId: taskIdSchema })
export const listArtifactsResponseSchema = z.object({ artifacts: z.array(artifactSchema) })

/**
 * Every object that an output refers to, in the order in which they stand there; what stands twice is there twice, each time
 * with its own path. JSON that was too big to stay inline (`{ "$json": … }`) is an object like any other.
 */
export function artifactsOf(output: JsonValue): Artifact[] {
  const found: Artifact[] = []
  const walk = (value: JsonValue, path: readonly string[]) => {
    if (typeof value !== 'object' || value === null) return
    const ref = blobRefSchema.safeParse(value)
    if (ref.success) found.push(artifactOf(ref.data, path))
    else for (const [key, item] of Object.entries(value)) walk(item as JsonValue, [...path, key])
  }
  walk(output, [])
  return found
}

function artifactOf(ref: BlobRef, path: readonly string[]): Artifact {
  const { name, ...same } = ref
  const pointer = path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return { ...same, name: name || nameOf(path), path: pointer }
}

/** `clip` of `/cameras/0/clip`; of `/pages/3` both, because a number alone says nothing. */
function nameOf(path: readonly string[]): string {
  const keys = path.filter((key) => key !== '' && key !== '$json')
  const from = keys.findLastIndex((key) => !/^\d+$/.test(key))
  return keys.slice(Math.max(0, from)).join('-').slice(0, 256) || 'output'
}
