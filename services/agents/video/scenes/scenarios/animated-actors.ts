import { type Gait, gaitFor, type Pose, standingPose, strideM, walkingPose } from '../figures/gait.ts'
import type { PersonAppearance } from '../figures/person-appearance.ts'
import { addPerson, LEG_SHARE } from '../figures/person-mesh.ts'
import type { VehicleAppearance } from '../figures/vehicle-appearance.ts'
import { addVehicle } from '../figures/vehicle-mesh.ts'
import { clearMesh, createMesh } from '../raster/mesh.ts'
import type { Actor } from '../renderer.ts'
import { followRoute, type Route } from './route.ts'

/** A person or vehicle of a scenario, with its pose over time. */
export interface AnimatedActor {
  id: number
  class: 'person' | 'vehicle'
  /** How it is at a time; undefined while it is not in the scene. */
  at(atSec: number): Actor | undefined
}

export interface PersonScript {
  appearance: PersonAppearance
  route: Route
  /** What the arms do while standing, 0–1. */
  arms: number
}

/** A person who walks a route and stands where it stays. */
export function walkingPerson(id: number, { appearance, route, arms }: PersonScript): AnimatedActor {
  const whereabouts = followRoute(route)
  const gait = gaitFor(route.speedMps)
  const stride = strideM(gait, appearance.heightM * LEG_SHARE)
  const mesh = createMesh()
  return {
    id,
    class: 'person',
    at(atSec) {
      const now = whereabouts(atSec)
      if (!now) return undefined
      const pose = poseAt(
        {
          gait,
          phase: now.walkedM / stride + id * 0.37,
          walking: Math.min(1, now.speedMps / route.speedMps),
        },
        arms,
        atSec + id,
      )
      clearMesh(mesh)
      addPerson(mesh, appearance, pose, 9)
      return {
        mesh,
        placement: { x: now.x, z: now.z, yaw: now.yaw },
        footprint: { halfWidth: 0.25, halfLength: 0.25 },
      }
    },
  }
}

interface Step {
  gait: Gait
  phase: number
  /** 0 stands, 1 walks. */
  walking: number
}

function poseAt({ gait, phase, walking }: Step, arms: number, atSec: number): Pose {
  const walk = walkingPose(gait, phase)
  if (walking > 0.98) return walk
  const stand = standingPose(arms, Math.sin(atSec * 0.9))
  const names = Object.keys(walk) as (keyof Pose)[]
  return Object.fromEntries(
    names.map((name) => [name, stand[name] + (walk[name] - stand[name]) * walking]),
  ) as unknown as Pose
}

/** A vehicle that drives a route. */
export function drivenVehicle(id: number, appearance: VehicleAppearance, route: Route): AnimatedActor {
  const whereabouts = followRoute(route)
  const actor = vehicleActor(appearance)
  return {
    id,
    class: 'vehicle',
    at(atSec) {
      const now = whereabouts(atSec)
      return now && { ...actor, placement: { x: now.x, z: now.z, yaw: now.yaw } }
    },
  }
}

/** A vehicle that stands all the time. */
export function parkedVehicle(
  id: number,
  appearance: VehicleAppearance,
  placement: Actor['placement'],
): AnimatedActor {
  const actor = { ...vehicleActor(appearance), placement }
  return { id, class: 'vehicle', at: () => actor }
}

function vehicleActor(appearance: VehicleAppearance): Omit<Actor, 'placement'> {
  const mesh = createMesh()
  addVehicle(mesh, appearance)
  return { mesh, footprint: { halfWidth: appearance.widthM / 2, halfLength: appearance.lengthM / 2 } }
}
