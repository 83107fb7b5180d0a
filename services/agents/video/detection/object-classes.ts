import type { ObjectClass } from '#schemas/watch-rule.ts'

/** The names of COCO's classes that matter here, and those of models that were made for this. */
const CLASS_OF: ReadonlyMap<string, ObjectClass> = new Map(
  Object.entries({
    person: 'person',
    pedestrian: 'person',
    vehicle: 'vehicle',
    bicycle: 'vehicle',
    car: 'vehicle',
    motorcycle: 'vehicle',
    motorbike: 'vehicle',
    bus: 'vehicle',
    train: 'vehicle',
    truck: 'vehicle',
    van: 'vehicle',
  } as const),
)

/** A class of a network that is looked for: its place in the network's scores, and what it counts as. */
export interface WantedClass {
  index: number
  label: string
  class: ObjectClass
}

/** The classes of a network that are persons or vehicles; all others are never looked at. */
export function wantedClasses(names: readonly string[]): WantedClass[] {
  return names.flatMap((label, index) => {
    const objectClass = CLASS_OF.get(label)
    return objectClass ? [{ index, label, class: objectClass }] : []
  })
}
