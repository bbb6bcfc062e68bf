//! Files that flow in: uploaded to a bucket, cut into parts, and written part by part, one message each. Personal data is read here, and
//! sealed wherever it lies.

mod context;
mod exports;
mod imports;
mod steps;
mod sweep;
mod undo;
mod wire;

use domain::kernel::refusal::{InvalidField, Refusal as _};
use domain::members::import::Importing;
use domain::programme::source::Sourcing;
use lambda::{Access, Consumer, Function, Key, Method, Route, Scope, Shape, Whose, call, reply};

pub use context::Importer;
use wire::export::{ExportReply, ExportRequest};
use wire::file::ErrorsReply;
use wire::sweep::{SweepReply, SweepRequest};
use wire::undo::UndoRequest;
use wire::{CreateRequest, ImportReply};

const ROUTES: &[Route<Importer>] = &[
    Route {
        method: Method::Post,
        path: "/v1/imports",
        id: "createImport",
        says: "Say what file is to come, and where to: the answer has an address to upload it to. The file that was imported last from this source is not taken in again.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<CreateRequest>(&[
            reply::<ImportReply>(200, "This file has been imported"),
            reply::<ImportReply>(201, "The file can be uploaded"),
        ]),
        refuses: &[Sourcing::CODES, InvalidField::CODES],
        call: call!(imports::create),
    },
    Route {
        method: Method::Post,
        path: "/v1/imports/{import_id}/start",
        id: "startImport",
        says: "The file is there: read it, and write its rows. Said again, it goes on where it was.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<ImportReply>(200, "It runs")]),
        refuses: &[Importing::CODES],
        call: call!(imports::start),
    },
    Route {
        method: Method::Post,
        path: "/v1/imports/{import_id}/cancel",
        id: "cancelImport",
        says: "Stop between two parts; what is written stays.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<ImportReply>(200, "It stops")]),
        refuses: &[Importing::CODES],
        call: call!(imports::cancel),
    },
    Route {
        method: Method::Post,
        path: "/v1/imports/{import_id}/undo",
        id: "undoImport",
        says: "Take back what an import has written, within 30 days: first find out what would come of it. What somebody has changed, spent or said since stays, and is listed.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<UndoRequest>(&[reply::<ImportReply>(200, "It runs, or is done")]),
        refuses: &[Importing::CODES, InvalidField::CODES],
        call: call!(undo::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/imports/{import_id}",
        id: "getImport",
        says: "How far an import is, and what came of its rows.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<ImportReply>(200, "The import")]),
        refuses: &[],
        call: call!(imports::get),
    },
    Route {
        method: Method::Get,
        path: "/v1/imports/{import_id}/errors",
        id: "getImportErrors",
        says: "Where the file of errors is: each row as it was, and what is wrong with it. Repaired, it can be imported as it is.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<ErrorsReply>(200, "Its address")]),
        refuses: &[],
        call: call!(imports::errors),
    },
    Route {
        method: Method::Post,
        path: "/v1/exports",
        id: "createExport",
        says: "Have what is known of all members put into a file: members and lots as they can be imported again, entries, consents, open conflicts. Not for systems.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<ExportRequest>(&[reply::<ExportReply>(202, "It is gathered")]),
        refuses: &[InvalidField::CODES],
        call: call!(exports::create),
    },
    Route {
        method: Method::Get,
        path: "/v1/exports/{export_id}",
        id: "getExportFile",
        says: "How far an export is, and where its file is to be had, for seven days.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<ExportReply>(200, "The export")]),
        refuses: &[],
        call: call!(exports::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/quality/sweep",
        id: "sweepQuality",
        says: "List members whose identifiers would not be taken in by today's rules, for somebody to clean: 100 members are looked at, and `next` says where it goes on. Not for systems.",
        access: Access::Of(Scope::ImportsRun, Whose::Nobody),
        key: Key::Read,
        shape: Shape::of::<SweepRequest>(&[reply::<SweepReply>(200, "What is found")]),
        refuses: &[InvalidField::CODES],
        call: call!(sweep::post),
    },
];

/// The function.
pub const FUNCTION: Function<Importer> = Function {
    name: "import",
    routes: ROUTES,
    queues: &[Consumer { queue: "ImportsQueue", wants: &[], work: call!(steps::take, deadline) }],
    streams: &[],
    schedules: &[],
};
