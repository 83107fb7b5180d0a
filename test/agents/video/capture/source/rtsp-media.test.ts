import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { RtspMedia } from '../../../../../services/agents/video/capture/source/rtsp-media.ts'
import {
  headerOf,
  type RtspMessage,
} from '../../../../../services/agents/video/capture/source/rtsp-message.ts'

const RTSP = new URL('rtsp://127.0.0.1/live')
const RTSPS = new URL('rtsps://127.0.0.1/live')
const LOCAL = { localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' }
const nothing = () => undefined

function setup(transport = 'RTP/AVP/TCP;unicast;interleaved=2-3'): RtspMessage {
  return {
    start: 'SETUP rtsp://127.0.0.1/live RTSP/1.0',
    headers: [
      ['CSeq', '3'],
      ['Transport', transport],
    ],
    body: Buffer.alloc(0),
  }
}

t.test('packets are for plain RTSP alone: with TLS they would not be encrypted', async (t) => {
  t.ok(new RtspMedia('udp', nothing).usesPackets(RTSP))
  t.notOk(new RtspMedia('udp', nothing).usesPackets(RTSPS))
  for (const transport of ['auto', 'tcp'] as const)
    t.notOk(new RtspMedia(transport, nothing).usesPackets(RTSP))
  t.ok(new RtspMedia('auto', nothing).mayUsePackets(RTSP, undefined))
  t.notOk(new RtspMedia('auto', nothing).mayUsePackets(RTSPS, undefined))
  t.notOk(new RtspMedia('auto', nothing).mayUsePackets(RTSP, 0), 'it was asked for packets already')
  t.notOk(
    new RtspMedia('tcp', nothing).mayUsePackets(RTSP, undefined),
    'whoever wants the connection keeps it',
  )
})

t.test(
  'a source that sends packets: ports in the request, channels in the answer, media both ways',
  async (t) => {
    const source = createSocket('udp4').bind(0, '127.0.0.1')
    const control = createSocket('udp4').bind(0, '127.0.0.1')
    t.teardown(() => {
      source.close()
      control.close()
    })
    await Promise.all([once(source, 'listening'), once(control, 'listening')])
    const media = Promise.withResolvers<Buffer>()
    const rtsp = new RtspMedia('auto', media.resolve)
    t.teardown(() => rtsp.close())
    const { request, channel } = await rtsp.withPorts(setup(), LOCAL)
    t.equal(channel, 2)
    t.ok(rtsp.isPackets)
    t.ok(rtsp.usesPackets(RTSP), 'the streams after it are asked for as packets at once')
    t.notOk(rtsp.mayUsePackets(RTSP, undefined))
    const [, rtp, rtcp] = /^RTP\/AVP;unicast;client_port=(\d+)-(\d+)$/.exec(headerOf(request, 'transport')!)!
    t.equal(Number(rtcp), Number(rtp) + 1)
    t.equal(headerOf(request, 'cseq'), '3', 'the rest of the request is as it was')

    const ports = `server_port=${source.address().port}-${control.address().port}`
    const greeted = once(source, 'message')
    const answer = rtsp.asChannels(
      setup(`RTP/AVP;unicast;client_port=${rtp}-${rtcp};${ports};ssrc=1A2B3C4D`),
      channel,
    )
    t.equal(headerOf(answer, 'transport'), 'RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1A2B3C4D')
    await greeted
    const packet = Buffer.from([0x80, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 7])
    source.send(packet, Number(rtp), '127.0.0.1')
    t.strictSame(await media.promise, Buffer.concat([Buffer.from([0x24, 2, 0, packet.length]), packet]))

    const reported = new Promise<void>((resolve) => {
      control.on('message', (message) => {
        if (message.equals(Buffer.from('report'))) resolve()
      })
    })
    rtsp.toSource(Buffer.concat([Buffer.from([0x24, 3, 0, 6]), Buffer.from('report')]), undefined)
    await reported
  },
)

t.test('a request that names no channel is refused, and so is one that no frame could carry', async (t) => {
  const rtsp = new RtspMedia('udp', nothing)
  t.teardown(() => rtsp.close())
  for (const transport of ['RTP/AVP;unicast', 'RTP/AVP/TCP;interleaved=255-256', 'RTP/AVP/TCP;interleaved=x'])
    await t.rejects(rtsp.withPorts(setup(transport), LOCAL), { code: 'SOURCE_UNAVAILABLE' }, transport)
})

t.test('an answer without a transport stays as it is', async (t) => {
  const message: RtspMessage = {
    start: 'RTSP/1.0 461 Unsupported transport',
    headers: [['CSeq', '3']],
    body: Buffer.alloc(0),
  }
  t.equal(new RtspMedia('udp', nothing).asChannels(message, 0), message)
})
