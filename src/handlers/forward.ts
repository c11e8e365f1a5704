/** The function that log groups are subscribed to. */
import { createForwarder } from "./forwarder.ts";

export const handler = createForwarder(process.env);
