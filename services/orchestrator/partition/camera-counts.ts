import type { TaskWrite } from './partition-store.ts'

// Cameras that tasks may hold stand in a hash: by task, not as a sum, so that saying it again changes nothing.

/** Sums of what the hash has of each task: a number, and the tenant that it belongs to. Pure. */
export function camerasByTenant(held: readonly string[]): Map<string, number> {
  const cameras = new Map<string, number>()
  for (const text of held) {
    const [count, tenant = ''] = text.split(' ')
    cameras.set(tenant, (cameras.get(tenant) ?? 0) + Number(count))
  }
  return cameras
}

/** For commit.lua: how many there are, then for each task that holds some or did: its id, and its number and tenant; '' none. Pure. */
export function cameraArgs(writes: readonly TaskWrite[]): (string | number)[] {
  const changes: string[] = []
  for (const { state, cameras } of writes)
    if (cameras !== undefined) changes.push(state.id, cameras > 0 ? `${cameras} ${state.tenant}` : '')
  return [changes.length / 2, ...changes]
}
