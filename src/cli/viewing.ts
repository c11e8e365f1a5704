import type { Intake, IntakeSettings } from "../viewer/intake.ts";
import { Feed } from "./feed.ts";
import { type LocalForwarder, startLocalForwarder } from "./local-forwarder.ts";
import { startLocalIntake } from "./session.ts";

export interface ViewingSettings {
  /** The folder of this repository, built. */
  root: string;
  hostModule: string;
  listen: IntakeSettings & { port: number };
  /** Settings of the forwarder besides. */
  environment?: Record<string, string>;
  /** Of the log groups. */
  region?: string;
  /** Where it is given, a delivery that the forwarder could not pass on ends nothing. */
  onFailure?(problem: string): void;
}

/** The intake on this machine, and the forwarder with what is fed to it. */
export interface Viewing {
  intake: Intake;
  feed: Feed;
  stop(): Promise<void>;
}

/** @throws {StartError} when a part of it cannot start */
export async function startViewing(settings: ViewingSettings): Promise<Viewing> {
  const { root, hostModule, listen, environment = {}, region, onFailure } = settings;
  const intake = await startLocalIntake(listen);
  let forwarder: LocalForwarder;
  try {
    forwarder = await startLocalForwarder({ root, hostModule, intake, environment, ...(region && { region }) });
  } catch (error) {
    await intake.close();
    throw error;
  }
  const feed = new Feed(async (delivery) => {
    try {
      for (const books of await forwarder.forward(delivery)) intake.store.addLedger({ ...books });
    } catch (error) {
      if (!onFailure) throw error;
      onFailure((error as Error).message);
    }
  });
  return {
    intake,
    feed,
    async stop() {
      await Promise.all([forwarder.stop(), intake.close()]);
    },
  };
}
