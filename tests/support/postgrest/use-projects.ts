import { afterAll, afterEach, beforeAll } from "vitest";
import { type Postgres, startPostgres } from "../postgres.ts";
import { type Project, startProject } from "./project.ts";

/** A server for the tests of a file, and a project for each that asks for one. */
export function useProjects(): (options?: Parameters<typeof startProject>[1]) => Promise<Project> {
  let postgres: Postgres | undefined;
  const projects: Project[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterEach(async () => {
    for (const project of projects.splice(0)) await project.stop();
  });
  afterAll(() => postgres?.stop());
  return async (options) => {
    if (postgres === undefined) throw new Error("PostgreSQL is not started");
    const project = await startProject(postgres, options);
    projects.push(project);
    return project;
  };
}
