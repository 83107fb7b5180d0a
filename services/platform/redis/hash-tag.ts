/**
 * What Redis Cluster places a key by: what stands in its first braces, or all of it where nothing does. Keys with the same tag lie on
 * the same node, whatever nodes there are. Pure.
 */
export function hashTag(key: string): string {
  const open = key.indexOf('{')
  if (open < 0) return key
  const close = key.indexOf('}', open + 1)
  return close <= open + 1 ? key : key.slice(open + 1, close)
}

/**
 * A command or script may use keys of one hash tag only: a cluster refuses anything else. It is looked at whatever server there is, so
 * that what runs on one server runs on a cluster too.
 * @throws TypeError our own fault: as a cluster says it
 */
export function requireOneSlot(keys: readonly string[], command: string): void {
  const [first] = keys
  if (first === undefined || keys.length === 1) return
  const tag = hashTag(first)
  // Nearly all keys begin alike: a comparison of a few characters.
  const beginning = first.slice(0, first.indexOf(`{${tag}}`) + tag.length + 2)
  const isSure = beginning.endsWith(`{${tag}}`)
  for (const key of keys) {
    if (isSure && key.startsWith(beginning)) continue
    if (hashTag(key) !== tag)
      throw new TypeError(`CROSSSLOT Keys of ${command} don't hash to the same slot: "${first}" and "${key}"`)
  }
}
