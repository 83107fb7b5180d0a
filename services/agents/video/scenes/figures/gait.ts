/** The angles of a body in radians; forward and bent are positive. Left is −x. */
export interface Pose {
  hipLeft: number
  hipRight: number
  kneeLeft: number
  kneeRight: number
  shoulderLeft: number
  shoulderRight: number
  elbowLeft: number
  elbowRight: number
  /** Arms away from the body. */
  spread: number
  /** Forearms turned inwards. */
  inward: number
  lean: number
  headYaw: number
  /** Hips and shoulders turn against each other. */
  twist: number
}

export interface Gait {
  /** Half the angle between the thighs at the widest step. */
  swing: number
  armSwing: number
  elbow: number
  lean: number
  spread: number
}

/** Metres that a body of a leg length moves forward over one cycle of two steps. */
export function strideM(gait: Gait, legM: number): number {
  return 4 * legM * Math.sin(gait.swing)
}

/** The gait that suits a speed in metres a second. */
export function gaitFor(speedMps: number): Gait {
  const swing = Math.min(0.62, 0.2 + speedMps * 0.15)
  const running = Math.max(0, speedMps - 2) * 0.35
  return {
    swing,
    armSwing: swing * 0.95 + running * 0.3,
    elbow: 0.25 + running,
    lean: 0.02 + speedMps * 0.025,
    spread: 0.1,
  }
}

/** Where the limbs are in a walk; phase 0–1 is one cycle, the left leg in front at 0. */
export function walkingPose(gait: Gait, phase: number): Pose {
  const angle = phase * 2 * Math.PI
  const swing = Math.cos(angle)
  return {
    hipLeft: gait.swing * swing + 0.06,
    hipRight: -gait.swing * swing + 0.06,
    kneeLeft: kneeAt(phase, gait.swing),
    kneeRight: kneeAt(phase + 0.5, gait.swing),
    shoulderLeft: -gait.armSwing * swing,
    shoulderRight: gait.armSwing * swing,
    elbowLeft: gait.elbow + 0.25 * Math.max(0, -swing),
    elbowRight: gait.elbow + 0.25 * Math.max(0, swing),
    spread: gait.spread,
    inward: 0.1,
    lean: gait.lean,
    headYaw: 0,
    twist: 0.12 * swing,
  }
}

/** A knee gives a little under load and bends to let the foot pass. */
function kneeAt(phase: number, swing: number): number {
  const p = phase - Math.floor(phase)
  const passing = Math.max(0, 1 - Math.abs(p - 0.72) / 0.24)
  const loading = Math.max(0, 1 - Math.abs(p - 0.1) / 0.12)
  return 0.08 + loading * 0.15 + passing * passing * (3 - 2 * passing) * (0.5 + swing * 1.3)
}

/** Somebody who stands; sway moves slowly from −1 to 1, `arms` chooses what the arms do, 0–1. */
export function standingPose(arms: number, sway: number): Pose {
  const base: Pose = {
    hipLeft: 0.04 + 0.03 * sway,
    hipRight: -0.02,
    kneeLeft: 0.08,
    kneeRight: 0.03,
    shoulderLeft: 0.05 + 0.05 * sway,
    shoulderRight: 0.02 - 0.05 * sway,
    elbowLeft: 0.25,
    elbowRight: 0.2,
    spread: 0.12,
    inward: 0.1,
    lean: 0.01,
    headYaw: sway * 0.5,
    twist: 0.04 * sway,
  }
  if (arms < 0.4) return base
  // Arms crossed or hands in pockets, a phone in one hand, a gesture while talking.
  if (arms < 0.6)
    return { ...base, shoulderLeft: 0.35, shoulderRight: 0.35, elbowLeft: 1.7, elbowRight: 1.7, inward: 1 }
  if (arms < 0.75) return { ...base, shoulderRight: 0.5, elbowRight: 2.1 + 0.1 * sway, inward: 0.5 }
  if (arms < 0.9)
    return {
      ...base,
      shoulderLeft: -0.3,
      shoulderRight: -0.3,
      elbowLeft: 0.75,
      elbowRight: 0.75,
      spread: 0.25,
    }
  return { ...base, shoulderRight: 0.6 + 0.3 * sway, elbowRight: 1.2 + 0.4 * sway, spread: 0.3 }
}
