import { loadStored } from '#platform/json/load-stored.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { MurmurClient } from './murmur-client.ts'

/**
 * An output with everything in it that had become too big for the task's state and lies in the object store as
 * `{ "$json": … }`. What no longer fits in `maxBytes` altogether stays a reference.
 * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT
 */
export async function loadOutput(
  output: JsonValue,
  client: Pick<MurmurClient, 'download'>,
  maxBytes: number,
): Promise<JsonValue> {
  const load: Parameters<typeof loadStored>[1]['load'] = (ref, most) =>
    client.download(ref, { maxBytes: most })
  return (await loadStored(output, { load, maxBytes })).value
}
