/** Whether this process answers at all. Says nothing about what it depends on: /api/ready does. */
export function GET(): Response {
  return Response.json({ status: 'ok' })
}
