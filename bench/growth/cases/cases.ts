import type { Scene } from "../scene.ts";
import type { Case } from "./case.ts";
import { teamComponents } from "./components.ts";
import { districtBoard } from "./district-board.ts";
import { hoursOfPeople } from "./hours.ts";
import { schoolBoard } from "./school-board.ts";
import { teacherBoard } from "./teacher-board.ts";
import { teamBoard } from "./team-board.ts";

export const casesOf = (scene: Scene): Case[] =>
  [teamBoard, teamComponents, hoursOfPeople, teacherBoard, schoolBoard, districtBoard].flatMap((of) => of(scene));
