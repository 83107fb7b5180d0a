import t from 'tap'
import {
  gaitFor,
  standingPose,
  strideM,
  walkingPose,
} from '../../../../../services/agents/video/scenes/figures/gait.ts'

t.test('who is faster takes longer steps, up to a limit, and leans forward', async (t) => {
  t.ok(strideM(gaitFor(1.4), 0.8) > strideM(gaitFor(0.7), 0.8))
  t.equal(gaitFor(10).swing, 0.62)
  t.ok(gaitFor(3).lean > gaitFor(1).lean)
  // Four times the leg's length and the sine of the swing: 4 · 0.8 · sin(0.35).
  t.ok(Math.abs(strideM(gaitFor(1), 0.8) - 3.2 * Math.sin(0.35)) < 1e-12)
})

t.test('half a cycle later left and right have changed places', async (t) => {
  const gait = gaitFor(1.4)
  for (const phase of [0, 0.1, 0.33, 0.5, 0.9]) {
    const [now, later] = [walkingPose(gait, phase), walkingPose(gait, phase + 0.5)]
    for (const joint of ['hip', 'knee', 'shoulder', 'elbow'] as const)
      t.ok(Math.abs(now[`${joint}Left`] - later[`${joint}Right`]) < 1e-9, `${joint} at ${phase}`)
  }
})

t.test(
  'a whole cycle later it is the same pose; arms swing against the legs; knees never bend forward',
  async (t) => {
    const gait = gaitFor(1.4)
    const [first, next] = [walkingPose(gait, 0.2), walkingPose(gait, 1.2)]
    for (const name of Object.keys(first) as (keyof typeof first)[])
      t.ok(Math.abs(first[name] - next[name]) < 1e-9, name)
    const start = walkingPose(gait, 0)
    t.ok(start.hipLeft > 0 && start.shoulderLeft < 0)
    for (let phase = 0; phase < 1; phase += 0.01) t.ok(walkingPose(gait, phase).kneeLeft > 0)
  },
)

t.test('who stands has something to do with the arms', async (t) => {
  const elbows = [0.1, 0.5, 0.7, 0.8, 0.95].map((arms) => standingPose(arms, 0).elbowRight)
  t.equal(new Set(elbows).size, 5)
  t.equal(standingPose(0.1, 1).headYaw, 0.5)
})
