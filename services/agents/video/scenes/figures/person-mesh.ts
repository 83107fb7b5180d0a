import { addBall, addTube, type Mesh, type Rgb, type Ring } from '../raster/mesh.ts'
import type { Pose } from './gait.ts'
import type { PersonAppearance } from './person-appearance.ts'
import { addBag, addHead } from './person-parts.ts'

type Point = readonly [number, number, number]

/** Length of a leg as a share of the height of the body. */
export const LEG_SHARE = 0.485

const SIDE: Point = [1, 0, 0]

/**
 * A body in a pose, standing on the ground: feet at y = 0 whatever the pose. `segments` is how round the limbs are.
 */
export function addPerson(mesh: Mesh, appearance: PersonAppearance, pose: Pose, segments: number): void {
  const { heightM: h, girth } = appearance
  const thigh = h * LEG_SHARE * 0.51
  const shin = h * LEG_SHARE * 0.49
  const sole = h * 0.035
  const left = legPoints(pose.hipLeft, pose.kneeLeft, thigh, shin)
  const right = legPoints(pose.hipRight, pose.kneeRight, thigh, shin)
  const hipY = Math.max(-left.ankle[0], -right.ankle[0]) + sole
  const apart = h * 0.052 * girth
  addLeg(mesh, appearance, { x: -apart, hipY, leg: left, segments })
  addLeg(mesh, appearance, { x: apart, hipY, leg: right, segments })
  const torso = addTorso(mesh, appearance, { pose, hipY, segments })
  addArm(mesh, appearance, { pose, torso, segments, side: -1 })
  addArm(mesh, appearance, { pose, torso, segments, side: 1 })
  addHead(mesh, appearance, { at: torso.neck, yaw: pose.headYaw, detail: segments + 2 })
  addBag(mesh, appearance, { hipY, shoulderY: torso.shoulderY, lean: pose.lean, segments })
}

interface Leg {
  /** y and z relative to the hip. */
  knee: readonly [number, number]
  ankle: readonly [number, number]
  /** Angle of the shin, backwards positive. */
  shinAngle: number
}

function legPoints(hip: number, knee: number, thigh: number, shin: number): Leg {
  const kneeAt = [-Math.cos(hip) * thigh, Math.sin(hip) * thigh] as const
  const shinAngle = hip - knee
  return {
    knee: kneeAt,
    ankle: [kneeAt[0] - Math.cos(shinAngle) * shin, kneeAt[1] + Math.sin(shinAngle) * shin],
    shinAngle,
  }
}

interface LegPlace {
  x: number
  hipY: number
  leg: Leg
  segments: number
}

function addLeg(mesh: Mesh, appearance: PersonAppearance, { x, hipY, leg, segments }: LegPlace): void {
  const { heightM: h, girth, skin, shoes, bottom, bottomStyle } = appearance
  const bare = bottomStyle !== 'trousers'
  const loose = bottomStyle === 'trousers' ? 1.12 : 1
  const [kneeY, kneeZ] = [hipY + leg.knee[0], leg.knee[1]]
  const [ankleY, ankleZ] = [hipY + leg.ankle[0], leg.ankle[1]]
  const upper = bottomStyle === 'skirt' || bottomStyle === 'dress' ? skin : bottom
  const lower = bare ? skin : bottom
  const hem = bottomStyle === 'shorts' ? 0.8 : 1
  const at = (t: number): Point => [x, hipY + (kneeY - hipY) * t, kneeZ * t]
  const ring = (point: Point, radius: number, color: Rgb): Ring => ({
    at: point,
    wide: radius * h * loose,
    deep: radius * h * loose * 1.06,
    color,
  })
  addTube(
    mesh,
    [
      ring(at(-0.1), 0.05 * girth, upper),
      ring(at(0.25), 0.052 * girth, upper),
      ring(at(hem), 0.039 * Math.sqrt(girth), upper),
      ring(at(1.04), 0.034, lower),
    ],
    SIDE,
    segments,
  )
  const down = (t: number): Point => [x, kneeY + (ankleY - kneeY) * t, kneeZ + (ankleZ - kneeZ) * t]
  const calf = down(0.3)
  addTube(
    mesh,
    [
      ring(down(-0.04), 0.035, lower),
      ring([calf[0], calf[1], calf[2] - h * 0.006], 0.036, lower),
      ring(down(0.95), bare ? 0.02 : 0.029, lower),
    ],
    SIDE,
    segments,
  )
  // The foot follows the shin when it leaves the ground.
  const lift = Math.max(0, -leg.shinAngle) * 0.55 - Math.max(0, leg.shinAngle) * 0.35
  const [fy, fz] = [-Math.sin(lift), Math.cos(lift)]
  const foot = (t: number, drop: number): Point => [
    x,
    Math.max(h * 0.012, ankleY + fy * t * h - drop * h),
    ankleZ + fz * t * h,
  ]
  addTube(
    mesh,
    [
      { at: foot(-0.03, 0.012), wide: h * 0.022, deep: h * 0.026, color: shoes },
      { at: foot(0.015, 0.004), wide: h * 0.024, deep: h * 0.03, color: shoes },
      { at: foot(0.07, 0.017), wide: h * 0.027, deep: h * 0.017, color: shoes },
      { at: foot(0.112, 0.022), wide: h * 0.018, deep: h * 0.011, color: shoes },
    ],
    SIDE,
    Math.max(5, segments - 2),
  )
}

interface Torso {
  shoulderY: number
  shoulderZ: number
  neck: Point
}

interface TorsoPlace {
  pose: Pose
  hipY: number
  segments: number
}

function addTorso(mesh: Mesh, appearance: PersonAppearance, { pose, hipY, segments }: TorsoPlace): Torso {
  const { heightM: h, girth, top, bottom, accent, bottomStyle, coat } = appearance
  const leanAt = (up: number): Point => [0, hipY + up * h * Math.cos(pose.lean), up * h * Math.sin(pose.lean)]
  const ring = (up: number, wide: number, deep: number, color: Rgb): Ring => ({
    at: leanAt(up),
    wide: wide * h * Math.sqrt(girth),
    deep: deep * h * girth,
    color,
  })
  const dress = bottomStyle === 'dress'
  const rings: Ring[] = [
    ring(-0.045, 0.06, 0.05, dress ? top : bottom),
    ring(0.0, 0.094, 0.065, coat > 0 || dress ? top : bottom),
    ring(0.035, 0.094, 0.066, coat > 0 || dress ? top : bottom),
    ring(0.036, 0.098, 0.07, top),
    ring(0.12, 0.086, 0.06, top),
    ring(0.2, 0.1, 0.068, accent),
    ring(0.26, 0.112, 0.07, accent),
    ring(0.315, 0.112, 0.058, top),
    ring(0.335, 0.08, 0.045, top),
    ring(0.35, 0.035, 0.034, top),
  ]
  const sideways: Point = [Math.cos(pose.twist), 0, Math.sin(pose.twist)]
  addTube(mesh, rings, sideways, segments + 2)
  const skirt = bottomStyle === 'skirt' || dress ? 0.48 : coat
  if (skirt > 0) {
    const color = bottomStyle === 'skirt' ? bottom : top
    const flare = coat > 0 ? 0.105 : 0.125
    const swingZ = ((Math.sin(pose.hipLeft) + Math.sin(pose.hipRight)) * h) / 9
    const open = Math.abs(pose.hipLeft - pose.hipRight) * 0.06
    addTube(
      mesh,
      [
        ring(0.06, 0.09, 0.063, color),
        ring(0.0, 0.1, 0.072, color),
        {
          at: [0, hipY - h * LEG_SHARE * skirt, swingZ],
          wide: h * flare,
          deep: h * (flare * 0.8 + open),
          color,
        },
      ],
      SIDE,
      segments + 2,
    )
  }
  const neck = leanAt(0.355)
  addTube(
    mesh,
    [
      {
        at: leanAt(0.33),
        wide: h * 0.034,
        deep: h * 0.034,
        color: appearance.hairStyle === 'hood' ? top : appearance.skin,
      },
      {
        at: leanAt(0.39),
        wide: h * 0.03,
        deep: h * 0.032,
        color: appearance.hairStyle === 'hood' ? top : appearance.skin,
      },
    ],
    SIDE,
    segments,
  )
  return { shoulderY: leanAt(0.312)[1], shoulderZ: leanAt(0.312)[2], neck }
}

interface ArmPlace {
  pose: Pose
  torso: Torso
  segments: number
  side: -1 | 1
}

function addArm(mesh: Mesh, appearance: PersonAppearance, { pose, torso, segments, side }: ArmPlace): void {
  const { heightM: h, girth, top, skin, sleeves } = appearance
  const swing = side < 0 ? pose.shoulderLeft : pose.shoulderRight
  const bend = side < 0 ? pose.elbowLeft : pose.elbowRight
  const shoulder: Point = [
    side * h * 0.112 * Math.sqrt(girth) * Math.cos(pose.twist),
    torso.shoulderY - h * 0.012,
    torso.shoulderZ + side * h * 0.112 * Math.sin(pose.twist),
  ]
  const upperM = h * 0.172
  const lowerM = h * 0.15
  const out = Math.sin(pose.spread)
  const elbow = step(shoulder, [side * out, -Math.cos(swing), Math.sin(swing)], upperM)
  const fore = swing + bend
  const turn = pose.inward * Math.min(1, bend)
  const wrist = step(elbow, [side * (out * 0.4 - turn), -Math.cos(fore), Math.sin(fore)], lowerM)
  const sleeve = sleeves === 'long' ? top : skin
  const thick = h * Math.sqrt(girth) * (sleeves === 'long' ? 1.1 : 1)
  const ring = (at: Point, radius: number, color: Rgb): Ring => ({
    at,
    wide: radius * thick,
    deep: radius * thick,
    color,
  })
  const across: Point = [0, 0.3, 1]
  addTube(
    mesh,
    [
      ring(between(shoulder, elbow, -0.12), 0.022, top),
      ring(between(shoulder, elbow, 0.08), 0.034, top),
      ring(between(shoulder, elbow, 0.5), 0.03, top),
      ring(between(shoulder, elbow, 0.55), 0.028, sleeve),
      ring(elbow, 0.025, sleeve),
    ],
    across,
    segments,
  )
  addTube(
    mesh,
    [
      ring(between(elbow, wrist, -0.05), 0.024, sleeve),
      ring(between(elbow, wrist, 0.3), 0.025, sleeve),
      ring(wrist, 0.018, sleeve),
    ],
    across,
    segments,
  )
  const hand = between(elbow, wrist, 1.22)
  addBall(mesh, hand, [h * 0.018, h * 0.03, h * 0.022], () => skin, 6)
}

function between(a: Point, b: Point, t: number): Point {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

function step(from: Point, direction: Point, length: number): Point {
  const scale = length / Math.hypot(...direction)
  return [from[0] + direction[0] * scale, from[1] + direction[1] * scale, from[2] + direction[2] * scale]
}
