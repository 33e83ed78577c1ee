//! A simulated worker: looks for work, claims it like any agent, reports, asks, fails and hands in.

use super::agenda::Happening;
use super::play::Play;
use crate::domain::command::{NewEscalation, Report};
use crate::domain::escalation::Choice;
use crate::domain::task::BlockerKind;
use crate::domain::{Actor, Agent, AgentKind, ClaimToken, Command, EscalationKind, Failure, Fence, Remedy, TaskId};
use crate::service::Error;
use crate::store::view::Liveness;

/// A member of the team and what it has in hand.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) agent: Agent,
    pub(super) actor: Actor,
    pub(super) jobs: Vec<Job>,
}

/// A task in hand.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Names this job among all.
    pub(super) key: u64,
    pub(super) task_id: TaskId,
    pub(super) token: ClaimToken,
    /// Steps done, and steps in all.
    stage: u32,
    stages: u32,
    /// Minutes between two steps.
    stride: f64,
    fate: Fate,
}

/// How a job will go, decided when it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    Fails,
    Asks,
}

impl Job {
    fn fence(&self) -> Fence {
        Fence::Token(self.token)
    }

    /// Goes on at another pace.
    pub(super) fn quicken(&mut self, factor: f64) {
        self.stride *= factor;
    }
}

impl Play {
    /// A worker with room claims what suits it best.
    pub(super) fn look(&mut self, index: usize) -> Result<(), Error> {
        let worker = &self.workers[index];
        let (actor, agent_id) = (worker.actor.clone(), worker.agent.agent_id);
        let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
        let claimed = self.attempt(&actor, &[claim])?.and_then(|done| done.claimed);
        if let Some(claimed) = claimed {
            self.begin(index, claimed.task_id, claimed.token)?;
        }
        let minutes = self.between(self.pace.gap);
        self.plan_in(minutes, Happening::Look(index));
        Ok(())
    }

    fn begin(&mut self, index: usize, task_id: TaskId, token: ClaimToken) -> Result<(), Error> {
        let actor = self.workers[index].actor.clone();
        let start = Command::StartTask { task_id, fence: Fence::Token(token), workspace: None };
        self.attempt(&actor, &[start])?;
        let Some(task) = self.service.read().task(task_id)? else { return Ok(()) };
        let minutes = task.metadata.story_points.unwrap_or(2.0) * self.pace.minutes_per_point;
        // What is long past needs no more than one report on the way.
        let stages = if self.pace.hours { 2 } else { 4 + u32::from(minutes > 150.0) + u32::from(minutes > 300.0) };
        let stage = stages * u32::from(task.execution.progress) / 100;
        let spread = self.between((0.6, 1.5));
        let person = self.workers[index].agent.kind == AgentKind::Human;
        let fate = self.fate(person || task.execution.progress > 0)?;
        let key = self.rng.u64(..);
        let stride = minutes * spread / f64::from(stages);
        self.workers[index].jobs.push(Job { key, task_id, token, stage, stages, stride, fate });
        let first = self.between((0.5, 1.0)) * stride;
        self.plan_in_any_hour(first, Happening::Move(index, key));
        Ok(())
    }

    /// What people do, and what was asked about once, goes well; only few questions are open at a time.
    fn fate(&mut self, well: bool) -> Result<Fate, Error> {
        let chance = self.rng.f64();
        if well || chance > 0.25 {
            return Ok(Fate::Done);
        }
        if chance > 0.10 {
            let open = self.service.read().escalations(false, &self.service.now())?.len();
            return Ok(if open < self.pace.asks { Fate::Asks } else { Fate::Done });
        }
        Ok(Fate::Fails)
    }

    /// Who has begun does not stop at six o'clock.
    fn plan_in_any_hour(&mut self, minutes: f64, what: Happening) {
        let at = self.now() + chrono::Duration::milliseconds((minutes * 60_000.0) as i64);
        self.agenda.plan(at, what);
    }

    /// A job takes its next step.
    pub(super) fn move_on(&mut self, index: usize, key: u64) -> Result<(), Error> {
        let Some(at) = self.workers[index].jobs.iter().position(|job| job.key == key) else { return Ok(()) };
        self.workers[index].jobs[at].stage += 1;
        let job = self.workers[index].jobs[at].clone();
        let half = job.stage == job.stages / 2 + 1;
        let holds = match job.fate {
            Fate::Asks if half => self.ask(index, &job)?,
            Fate::Fails if half => self.fail(index, &job)?,
            _ if job.stage >= job.stages => self.hand_in(index, &job)?,
            _ => self.report(index, &job)?,
        };
        if holds {
            let stride = job.stride * self.between((0.7, 1.3));
            self.plan_in_any_hour(stride, Happening::Move(index, key));
        } else {
            self.workers[index].jobs.retain(|job| job.key != key);
        }
        Ok(())
    }

    /// True while the claim stands.
    fn report(&mut self, index: usize, job: &Job) -> Result<bool, Error> {
        let actor = self.workers[index].actor.clone();
        let words = self.script.words.clone();
        let step = words.steps.get((job.stage as usize * words.steps.len()) / (job.stages as usize + 1)).cloned();
        let progress = Some((job.stage * 100 / job.stages) as u8);
        let report =
            Command::ReportProgress { task_id: job.task_id, fence: job.fence(), progress, step, artifacts: Vec::new() };
        let mut commands = vec![report];
        if self.rng.f64() < 0.12 {
            let text = self.pick(&words.comments);
            commands.push(Command::Comment { task_id: job.task_id, text, author: None, at: None });
        }
        Ok(self.attempt(&actor, &commands)?.is_some())
    }

    pub(super) fn hand_in(&mut self, index: usize, job: &Job) -> Result<bool, Error> {
        let actor = self.workers[index].actor.clone();
        let summary = self.pick(&self.script.words.summaries.clone());
        let (files, tests) = (self.rng.u32(1..9), self.rng.u32(12..320));
        let summary = summary.replace("{files}", &files.to_string()).replace("{tests}", &tests.to_string());
        let report = Report { summary: Some(summary), exit_code: Some(0), ..Report::default() };
        let submit = Command::SubmitTask { task_id: job.task_id, fence: job.fence(), report };
        self.attempt(&actor, &[submit])?;
        Ok(false)
    }

    fn fail(&mut self, index: usize, job: &Job) -> Result<bool, Error> {
        let actor = self.workers[index].actor.clone();
        let line = self.pick(&self.script.words.failures.clone());
        let failure = if line.starts_with("timeout") { Failure::Timeout } else { Failure::Exit };
        let report = Report { last_lines: vec![line], exit_code: Some(1), ..Report::default() };
        let fail = Command::FailTask { task_id: job.task_id, fence: job.fence(), failure, report };
        self.attempt(&actor, &[fail])?;
        Ok(false)
    }

    /// Puts a question with options, and pauses until it is answered.
    pub(super) fn ask(&mut self, index: usize, job: &Job) -> Result<bool, Error> {
        let actor = self.workers[index].actor.clone();
        let ask = self.script.asks[self.asked % self.script.asks.len()].clone();
        self.asked += 1;
        let choice = |(label, detail): &(String, String)| Choice {
            label: label.clone(),
            detail: detail.clone(),
            remedy: Remedy::Answer,
        };
        let question = NewEscalation {
            kind: EscalationKind::Question,
            task_id: Some(job.task_id),
            // The topic of a blocker that waits for input: blocking does not ask a second time.
            topic: "input".into(),
            question: ask.question.clone(),
            context: ask.context,
            impact: "the work waits half-way".into(),
            choices: ask.options.iter().map(choice).collect(),
            recommended: Some(0),
            otherwise: "it waits for an answer".into(),
        };
        let (kind, reason) = (BlockerKind::Input, ask.question);
        let block = Command::BlockTask { task_id: job.task_id, fence: job.fence(), kind, reason };
        self.attempt(&actor, &[Command::Escalate(Box::new(question)), block])?;
        Ok(false)
    }

    /// Everybody says that they are there, and that they go on; who lost a claim drops the work.
    ///
    /// # Errors
    /// When the board cannot be written.
    pub(super) fn beat(&mut self) -> Result<(), Error> {
        for worker in &mut self.workers {
            let program = worker.agent.kind == AgentKind::Ai;
            let busy = if worker.jobs.is_empty() { 2.0 } else { 20.0 + 60.0 * self.rng.f32() };
            let life = Liveness {
                cpu_usage: program.then_some(busy),
                memory_usage: program.then_some(3.0 + 4.0 * self.rng.f32()),
            };
            self.service.present(worker.agent.agent_id, &life)?;
            let mut kept = Vec::new();
            for job in worker.jobs.drain(..) {
                if self.service.beat(job.token, &life)?.is_some() {
                    kept.push(job);
                }
            }
            worker.jobs = kept;
        }
        Ok(())
    }
}
