import { postJson } from './http-task.mjs'
import { serveTasks } from './line-protocol.ts'

serveTasks((_, data) => postJson(`${process.env.PEER_INGRESS_URL}/chain/run`, data))
