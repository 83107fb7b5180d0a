import { type Camera, createCamera, groundAt, horizonY, project } from '../camera.ts'
import { gaitFor, type Pose, standingPose, walkingPose } from '../figures/gait.ts'
import { randomPersonAppearance } from '../figures/person-appearance.ts'
import { addPerson } from '../figures/person-mesh.ts'
import { randomVehicleAppearance } from '../figures/vehicle-appearance.ts'
import { addVehicle } from '../figures/vehicle-mesh.ts'
import type { Random } from '../random.ts'
import { createMesh } from '../raster/mesh.ts'
import type { Actor } from '../renderer.ts'
import { placeAt } from '../world/ground.ts'
import type { RandomStreet } from './random-street.ts'

/** 0 a person, 1 a vehicle: as the boxes of a data set name them. */
export type ClassIndex = 0 | 1

export interface ClassedActor extends Actor {
  classIndex: ClassIndex
}

/** A camera from head height to ten metres up, looking level or steeply down. */
export function randomCamera(width: number, height: number, random: Random): Camera {
  const heightM = 1.6 * (10 / 1.6) ** random.next()
  const fov = random.between(0.6, 1.35)
  const half = Math.atan((Math.tan(fov / 2) * height) / width)
  // The horizon lies somewhere between far above the picture and a little below its middle.
  const level = heightM < 2.6 ? random.between(-0.1, 0.6) : random.between(0.2, 2.1)
  return createCamera({ width, height, heightM, pitch: half * level, fov, yaw: 0 })
}

/** Persons and vehicles, alone, in rows and in groups; sometimes none. */
export function randomActors(camera: Camera, scene: RandomStreet, random: Random): ClassedActor[] {
  if (random.chance(0.05)) return []
  const actors: ClassedActor[] = []
  const add = (actor: ClassedActor | undefined) => {
    const taken: readonly Actor[] = [...actors, ...scene.street.props]
    if (actor && !taken.some((other) => collides(actor, other))) actors.push(actor)
  }
  const persons = random.chance(0.12) ? 0 : Math.round(15 * random.next() ** 1.35) + 1
  const vehicles = random.chance(0.25) ? 0 : Math.round(5 * random.next() ** 1.4) + 1
  for (let k = 0; k < vehicles; k++) {
    add(vehicleActor(camera, scene, random))
  }
  for (let k = 0; k < persons; ) {
    const spot = randomSpot(camera, { low: 9, high: camera.height * 0.85, tallM: 1.7 }, random)
    const group = random.chance(0.25) ? random.int(2, 5) : 1
    k += group
    if (!spot) continue
    const yaw = random.between(-Math.PI, Math.PI)
    for (let g = 0; g < group; g++) {
      const x = spot.x + (g === 0 ? 0 : random.between(-1.3, 1.3))
      const z = spot.z + (g === 0 ? 0 : random.between(-1.3, 1.3))
      const facing = random.chance(0.6) ? yaw : random.between(-Math.PI, Math.PI)
      add(personActor(camera, { x, z, yaw: facing }, random))
    }
  }
  return actors
}

function personActor(
  camera: Camera,
  placement: Actor['placement'],
  random: Random,
): ClassedActor | undefined {
  const appearance = randomPersonAppearance(random)
  const foot = project(camera, [placement.x, 0, placement.z])
  if (!foot || foot.depth < 2) return undefined
  const tallPx = (appearance.heightM * camera.focal) / foot.depth
  const mesh = createMesh()
  addPerson(mesh, appearance, randomPose(random), tallPx < 40 ? 6 : tallPx < 100 ? 8 : 11)
  return { classIndex: 0, mesh, placement, footprint: { halfWidth: 0.25, halfLength: 0.25 } }
}

function randomPose(random: Random): Pose {
  if (random.chance(0.3)) return standingPose(random.next(), random.between(-1, 1))
  const speed = random.chance(0.08) ? random.between(2.5, 4) : random.between(0.6, 1.8)
  const gait = gaitFor(speed)
  gait.armSwing *= random.between(0.2, 1.2)
  gait.spread = random.between(0.04, 0.2)
  const pose = walkingPose(gait, random.next())
  pose.headYaw = random.between(-0.6, 0.6)
  if (random.chance(0.15)) Object.assign(pose, { shoulderRight: 0.5, elbowRight: random.between(0.8, 2.2) })
  if (random.chance(0.05)) pose.lean += random.between(0.1, 0.5)
  return pose
}

function vehicleActor(
  camera: Camera,
  { street, lanes, parking }: RandomStreet,
  random: Random,
): ClassedActor | undefined {
  const appearance = randomVehicleAppearance(random)
  const dark = street.lighting.daytime === 'night' || street.lighting.daytime === 'dusk'
  appearance.lightsOn = random.chance(dark ? 0.8 : 0.1)
  const spot = randomSpot(camera, { low: 10, high: camera.height * 0.6, tallM: appearance.heightM }, random)
  if (!spot) return undefined
  const { ground } = street
  const v = spot.x * Math.sin(ground.yaw) + spot.z * Math.cos(ground.yaw)
  const kind = random.next()
  const jitter = random.normal() * 0.04
  let placement = { ...spot, yaw: random.between(-Math.PI, Math.PI) }
  if (kind < 0.5 && lanes.length > 0) {
    const lane = random.pick(lanes)
    placement = {
      ...placeAt(ground, lane.u + random.normal() * 0.15, v),
      yaw: ground.yaw + (lane.way > 0 ? 0 : Math.PI) + jitter,
    }
  } else if (kind < 0.75 && parking.length > 0) {
    const across = ground.marks.some(({ along }) => along === 'v')
    placement = {
      ...placeAt(ground, random.pick(parking), v),
      yaw: ground.yaw + (across ? Math.PI / 2 : 0) + (random.chance(0.5) ? Math.PI : 0) + jitter,
    }
  }
  const middle = project(camera, [placement.x, 0, placement.z])
  if (!middle || middle.depth < appearance.lengthM * 0.5 + 2.5) return undefined
  const mesh = createMesh()
  addVehicle(mesh, appearance)
  return {
    classIndex: 1,
    mesh,
    placement,
    footprint: { halfWidth: appearance.widthM / 2, halfLength: appearance.lengthM / 2 },
  }
}

interface Wanted {
  /** Bounds of the height in the picture, pixels. */
  low: number
  high: number
  tallM: number
}

/** A place on the ground at which something of a height comes out at any size between the bounds. */
function randomSpot(
  camera: Camera,
  { low, high, tallM }: Wanted,
  random: Random,
): { x: number; z: number } | undefined {
  const { width, height } = camera
  const top = Math.max(0, horizonY(camera) + 2)
  for (let attempt = 0; attempt < 30; attempt++) {
    const y = top + (height * 1.12 - top) * random.next() ** 1.3
    const place = groundAt(camera, random.between(-0.04, 1.04) * width, y)
    if (!place) continue
    const foot = project(camera, place)
    if (!foot) continue
    const size = (tallM * camera.focal) / foot.depth
    if (size >= low && size <= high) return { x: place[0], z: place[2] }
  }
  return undefined
}

/** Whether two overlap on the ground: each is a row of discs along its length. */
function collides(a: Actor, b: Actor): boolean {
  for (const [ax, az, ar] of discsOf(a)) {
    for (const [bx, bz, br] of discsOf(b)) if (Math.hypot(ax - bx, az - bz) < ar + br) return true
  }
  return false
}

function discsOf({ placement, footprint }: Actor): (readonly [x: number, z: number, radius: number])[] {
  const { x, z, yaw } = placement
  const radius = Math.min(footprint.halfWidth, footprint.halfLength)
  const long = Math.max(footprint.halfWidth, footprint.halfLength) - radius
  const along = footprint.halfLength >= footprint.halfWidth ? yaw : yaw + Math.PI / 2
  const count = Math.ceil(long / radius / 1.2)
  return Array.from({ length: 2 * count + 1 }, (_, k) => {
    const at = count === 0 ? 0 : ((k - count) / count) * long
    return [x + Math.sin(along) * at, z + Math.cos(along) * at, radius] as const
  })
}
