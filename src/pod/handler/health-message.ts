/** grpc.health.v1.HealthCheckResponse.ServingStatus. */
export const SERVING_STATUS: Readonly<Record<number, string>> = {
  0: "UNKNOWN",
  1: "SERVING",
  2: "NOT_SERVING",
  3: "SERVICE_UNKNOWN",
};

/** HealthCheckRequest: `string service = 1`; an empty string is left out, as protobuf 3 does. */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service, "utf8");
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name]);
}

/** HealthCheckResponse: `ServingStatus status = 1`; absent, it is 0. Other fields are passed over; what is cut off is unknown. */
export function decodeStatus(message: Buffer): number {
  let at = 0;
  let status = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < message.length) {
    const key = number();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) {
      const value = number();
      if (field === 1) status = value;
    } else if (wire === 1) at += 8;
    else if (wire === 2) {
      const length = number();
      at += length;
    } else if (wire === 5) at += 4;
    else return 0;
  }
  return status;
}

/** One message as gRPC sends it: a byte for "not compressed" and four for its length before it. */
export function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The first message of a reply; empty when it is not all there or compressed, which nobody has asked for. */
export function unframe(body: Buffer): Buffer {
  if (body.length < 5 || body[0] !== 0) return Buffer.alloc(0);
  const length = body.readUInt32BE(1);
  return body.length < 5 + length ? Buffer.alloc(0) : body.subarray(5, 5 + length);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}
