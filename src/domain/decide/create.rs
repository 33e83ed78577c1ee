//! Writing tasks and remarks down.

use super::{Draft, Event, Rejection, Ruling, Status, TaskId};
use crate::domain::command::NewTask;
use crate::domain::id::{CommentId, TaskNumber};
use crate::domain::lifecycle::Transition;
use crate::domain::task::Category;
use crate::domain::task::{self, Comment, Dependencies, Execution, Metadata, Requester, Requirements, Task};
use crate::domain::{Level, Priority, TaskKind, Timestamp};

impl Draft<'_, '_> {
    pub(super) fn create_task(&mut self, new: &NewTask) -> Ruling {
        check_title(&new.title)?;
        check_description(&new.description)?;
        check_requirements(&new.requirements)?;
        check_points(new.points)?;
        if let Some(taken) = new.task_id.and_then(|id| self.facts.tasks.get(&id)) {
            return Err(Rejection::Invalid(format!("{} has this id already", taken.number)));
        }
        if let Some(parent) = new.parent_id {
            self.check_parent(parent)?;
        }
        if let Some(sprint) = new.sprint_id
            && !self.facts.sprints.contains_key(&sprint)
        {
            return Err(Rejection::NotFound { what: "sprint", name: sprint.to_string(), hint: None });
        }
        for edge in &new.blocked_by {
            self.facts.brief(edge.task_id).ok_or_else(|| Rejection::no_task(edge.task_id))?;
        }
        let task = self.draw_up(new);
        let id = task.task_id;
        self.emit(Event::TaskCreated { task: Box::new(task) })?;
        for dependency in &new.blocked_by {
            self.emit(Event::DependencyAdded { task_id: id, dependency: dependency.clone() })?;
        }
        self.open_ancestors(id)?;
        self.block_if_unmet(id)?;
        if self.status(id)? == Status::Created && !new.backlog && new.level.is_none_or(|level| level == Level::Task) {
            return self.make_ready(id, Transition::Queue, None);
        }
        Ok(())
    }

    fn draw_up(&mut self, new: &NewTask) -> Task {
        let actor = self.cx.actor;
        let requester = Requester { kind: actor.kind, id: actor.name.clone(), context: None };
        let at = self.at();
        Task {
            task_id: new.task_id.unwrap_or_else(|| TaskId(self.cx.ids.next())),
            number: TaskNumber(self.facts.next_task),
            rev: 0,
            title: new.title.trim().to_owned(),
            description: new.description.clone(),
            kind: new.kind.unwrap_or(TaskKind::UserRequest),
            level: new.level.unwrap_or(Level::Task),
            parent_id: new.parent_id,
            category: new.category.unwrap_or(Category::Execution),
            status: Status::Created,
            priority: new.priority.unwrap_or(Priority::Normal),
            created_at: at,
            updated_at: at,
            deadline: new.deadline,
            not_before: new.not_before,
            acceptance: new.acceptance.clone(),
            requester: new.requester.clone().unwrap_or(requester),
            requirements: Requirements { team_size: new.requirements.team_size.max(1), ..new.requirements.clone() },
            assignment: None,
            dependencies: Dependencies::default(),
            execution: Execution::default(),
            review: None,
            metadata: Metadata {
                estimated_duration: new.estimate,
                estimate_range: new.estimate_range,
                estimate_by: new.estimate_by.clone(),
                story_points: new.points,
                complexity: new.complexity,
                tags: new.tags.clone(),
                max_retries: new.max_retries.unwrap_or(3),
                run_limit: new.run_limit,
                ..Metadata::default()
            },
            sprint_id: new.sprint_id,
            carry: None,
            milestone_id: new.milestone.clone(),
            workflow_id: None,
            blocker: None,
            last_blocker: None,
            retry_at: None,
            queued_at: None,
            admission: None,
            expedite: false,
            archived_at: None,
            claim: None,
            epoch: 0,
            external: None,
        }
    }

    /// A parent must be coarser than a task, and open ends are no concern of it.
    pub(super) fn check_parent(&self, parent: TaskId) -> Ruling {
        let parent = self.facts.task(parent)?;
        if parent.level == Level::Task {
            let number = parent.number;
            return Err(Rejection::Invalid(format!(
                "{number} is a task and has no parts; make it a package first: vayu task edit {number} --level package"
            )));
        }
        Ok(())
    }

    pub(super) fn comment(&mut self, id: TaskId, text: &str, author: Option<String>, at: Option<Timestamp>) -> Ruling {
        self.facts.task(id)?;
        if text.trim().is_empty() {
            return Err(Rejection::Invalid("a comment has text".into()));
        }
        let comment = Comment {
            comment_id: CommentId(self.cx.ids.next()),
            task_id: id,
            author: author.unwrap_or_else(|| self.cx.actor.name.clone()),
            at: at.unwrap_or(self.cx.at),
            text: text.to_owned(),
        };
        self.emit(Event::CommentAdded { comment: Box::new(comment) })
    }
}

pub(super) fn check_title(title: &str) -> Ruling {
    if title.trim().is_empty() {
        return Err(Rejection::Invalid("a task has a title".into()));
    }
    if title.len() > task::MAX_TITLE {
        return Err(Rejection::Invalid(format!(
            "a title has at most {} bytes, this one {}",
            task::MAX_TITLE,
            title.len()
        )));
    }
    Ok(())
}

pub(super) fn check_description(text: &str) -> Ruling {
    if text.len() > task::MAX_DESCRIPTION {
        let most = task::MAX_DESCRIPTION;
        return Err(Rejection::Invalid(format!("a description has at most {most} bytes, this one {}", text.len())));
    }
    Ok(())
}

pub(super) fn check_points(points: Option<f64>) -> Ruling {
    match points {
        Some(points) if !(0.0..=10_000.0).contains(&points) => {
            Err(Rejection::Invalid(format!("story points are 0 to 10000, not {points}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_requirements(needs: &Requirements) -> Ruling {
    match needs.capabilities.iter().find(|(_, level)| !(1..=5).contains(*level)) {
        Some((skill, level)) => Err(Rejection::Invalid(format!("{skill}:{level}: a skill level is 1 to 5"))),
        None => Ok(()),
    }
}
