/** How somebody has arranged the wall: the order of cameras, their groups, how large they are. Kept in the browser, by camera name. */
export interface WallLayout {
  /** Names of cameras in the order in which they stand; others follow by name. */
  readonly order: readonly string[]
  /** The group of a camera, where it has one. */
  readonly groups: Readonly<Record<string, string>>
  readonly size: WallSize
}
export const WALL_SIZES = ['small', 'medium', 'large'] as const
export type WallSize = (typeof WALL_SIZES)[number]

export const EMPTY_LAYOUT: WallLayout = { order: [], groups: {}, size: 'medium' }
const MAX_CAMERAS = 500
const MAX_GROUP = 60

/** What was kept, whatever stands there. Pure. */
export function readLayout(kept: string | undefined): WallLayout {
  try {
    const found: unknown = JSON.parse(kept ?? '{}')
    if (typeof found !== 'object' || found === null) return EMPTY_LAYOUT
    const { order, groups, size } = found as Record<string, unknown>
    const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''
    const entries = typeof groups === 'object' && groups !== null ? Object.entries(groups) : []
    return {
      order: Array.isArray(order) ? [...new Set(order.filter(isName))].slice(0, MAX_CAMERAS) : [],
      groups: Object.fromEntries(
        entries
          .filter((entry): entry is [string, string] => isName(entry[1]))
          .map(([camera, group]) => [camera, group.slice(0, MAX_GROUP)] as const)
          .slice(0, MAX_CAMERAS),
      ),
      size: WALL_SIZES.find((each) => each === size) ?? 'medium',
    }
  } catch {
    return EMPTY_LAYOUT
  }
}

/** Cameras in their order: those that were placed first, then the others by name. Pure. */
export function arrange<Item extends { readonly camera: string }>(
  items: readonly Item[],
  { order }: Pick<WallLayout, 'order'>,
): Item[] {
  const place = new Map(order.map((camera, index) => [camera, index]))
  const of = ({ camera }: Item) => place.get(camera) ?? Number.POSITIVE_INFINITY
  return items.toSorted((a, b) => {
    const [first, second] = [of(a), of(b)]
    return first === second ? (a.camera < b.camera ? -1 : a.camera > b.camera ? 1 : 0) : first - second
  })
}

/** Groups by name, with those that have none at the end. Pure. */
export function grouped<Item extends { readonly camera: string }>(
  items: readonly Item[],
  layout: Pick<WallLayout, 'order' | 'groups'>,
): { group: string | undefined; items: Item[] }[] {
  const found = new Map<string | undefined, Item[]>()
  for (const item of arrange(items, layout)) {
    const group = layout.groups[item.camera]
    found.set(group, [...(found.get(group) ?? []), item])
  }
  return [...found]
    .map(([group, of]) => ({ group, items: of }))
    .toSorted((a, b) => {
      if (a.group === undefined || b.group === undefined) return a.group === b.group ? 0 : a.group ? -1 : 1
      return a.group.localeCompare(b.group)
    })
}

/** The layout after a camera was put before another, or to the end, and into its group. Pure. @param shown all cameras in their order */
export function moveCamera(
  layout: WallLayout,
  shown: readonly string[],
  { camera, before, group }: { camera: string; before: string | undefined; group: string | undefined },
): WallLayout {
  const order = shown.filter((each) => each !== camera)
  const at = before === undefined ? -1 : order.indexOf(before)
  order.splice(at < 0 ? order.length : at, 0, camera)
  return { ...setGroup(layout, camera, group), order }
}

/** One place forwards or backwards, within its group. Pure. */
export function stepCamera(
  layout: WallLayout,
  shown: readonly string[],
  { camera, by }: { camera: string; by: -1 | 1 },
): WallLayout {
  const group = layout.groups[camera]
  const peers = shown.filter((each) => layout.groups[each] === group)
  const at = peers.indexOf(camera)
  const to = at + by
  if (at < 0 || to < 0 || to >= peers.length) return layout
  const before = by < 0 ? peers[to] : peers[to + 1]
  if (before !== undefined) return moveCamera(layout, shown, { camera, before, group })
  // Behind the last of its group, and before what follows that.
  const order = shown.filter((each) => each !== camera)
  order.splice(order.indexOf(peers[to]!) + 1, 0, camera)
  return { ...layout, order }
}

/** Pure. @param group undefined or empty: none */
export function setGroup(layout: WallLayout, camera: string, group: string | undefined): WallLayout {
  const { [camera]: _, ...others } = layout.groups
  const name = group?.trim().slice(0, MAX_GROUP)
  return { ...layout, groups: name ? { ...others, [camera]: name } : others }
}
