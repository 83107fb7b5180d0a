/** What no key of a client has by accident. */
const PREFIX = 'murmur.camera/'

/** The key under which at most one monitor of a tenant watches a camera of this name. Pure. */
export function cameraKey(camera: string): string {
  return PREFIX + camera
}

/** The camera that a key stands for; undefined for one of a client. Pure. */
export function cameraOfKey(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined
}
