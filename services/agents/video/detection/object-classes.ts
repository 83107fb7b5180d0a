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

/**
 * What stands about outdoors and is now and then taken for somebody: signs, hydrants, plants, animals. Where a network is more certain
 * of one of these, it is neither a person nor a vehicle. Things of a household are not among them: vehicles seen from above look like them.
 */
const DISTRACTORS: ReadonlySet<string> = new Set(
  (
    'traffic light,fire hydrant,stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,' +
    'umbrella,kite,potted plant,teddy bear,clock,vase'
  ).split(','),
)

/** The places of a network's classes that speak against a person or a vehicle. */
export function distractorClasses(names: readonly string[]): number[] {
  return names.flatMap((label, index) => (DISTRACTORS.has(label) ? [index] : []))
}
