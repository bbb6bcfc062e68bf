//! Files that flow in: uploaded to a bucket, cut into parts, and written part by part, one message each. Personal data is read here, and
//! sealed wherever it lies.

mod context;
mod cut;
mod imports;
mod part;
mod steps;
mod wire;

use domain::kernel::refusal::{InvalidField, Refusal as _};
use domain::members::import::Importing;
use domain::programme::source::Sourcing;
use lambda::{Access, Consumer, Function, Key, Method, Route, Scope, Shape, Whose, call, reply};

pub use context::Importer;
use wire::{CreateRequest, ErrorsReply, ImportReply};

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
];

/// The function.
pub const FUNCTION: Function<Importer> = Function {
    name: "import",
    routes: ROUTES,
    queues: &[Consumer { queue: "ImportsQueue", wants: &[], work: call!(steps::take, deadline) }],
    streams: &[],
    schedules: &[],
};
