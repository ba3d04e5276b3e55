"""Named arrays as netCDF through xarray, with units and provenance inside."""

import json

import h5netcdf
import h5py
import numpy as np
import xarray as xr
from xarray.backends import H5NetCDFStore

from giaflow.io.files import atomic


def write_arrays(dataset, path, provenance):
    """Write a dataset as netCDF 4, compressed, atomically.

    Parameters
    ----------
    dataset : xarray.Dataset
        Named dimensions; every variable whose values have one carries a ``units`` attribute.
    path : str or pathlib.Path
    provenance : dict
        JSON values: versions, hashes, seed. Stored in the attribute ``provenance``.
    """
    told = {**dataset.attrs, "provenance": json.dumps(provenance, sort_keys=True)}
    # In the order in which they are read: what is read and written again has the same bytes.
    dataset = dataset.drop_attrs(deep=False).assign_attrs(sorted(told.items()))
    # How a part was stored is not how the whole must be: names would be cut to its longest.
    dataset = dataset.drop_encoding()
    packed = {
        name: {"zlib": True, "complevel": 3}
        for name, variable in dataset.data_vars.items()
        if variable.dtype.kind in "iuf" and variable.size
    }
    with atomic(path) as temporary:
        temporary.write_bytes(_image(dataset, packed))


def _image(dataset, encoding):
    """The bytes of a netCDF file, which depend on the dataset alone.

    xarray's own writer lets HDF5 stamp the time into the file. And the file is made in memory
    because a compressed HDF5 write into a full disk kills the process.
    """
    creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    creation.set_obj_track_times(False)
    creation.set_link_creation_order(h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    handle = h5py.h5f.create(b"memory.nc", h5py.h5f.ACC_TRUNC, creation, access)
    with h5py.File(handle) as memory, h5netcdf.File(memory, "w") as netcdf:
        dataset.dump_to_store(H5NetCDFStore(netcdf), encoding=encoding)
        netcdf.flush()
        memory.flush()
        return handle.get_file_image()


def read_arrays(path):
    """Read a dataset written by `write_arrays` into memory."""
    with xr.open_dataset(path, engine="h5netcdf", cache=False) as dataset:
        return dataset.load()


def provenance_of(dataset):
    """The provenance of a dataset written by `write_arrays`, as a dict."""
    return json.loads(dataset.attrs["provenance"])


def sequences_dataset(codes, coordinates, masked=None):
    """Bind codes (N, L) and per-sequence columns into one dataset.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, L) uint8.
    coordinates : dict of str to sequence
        One value per sequence, for example ``name``, ``chrom``, ``start``.
    masked : numpy.ndarray, optional
        (N, L) bool, True where the letter was lower case (soft-masked).
    """
    variables = {"codes": (("sequence", "position"), codes, {"units": "code: A C G T unknown"})}
    if masked is not None:
        variables["masked"] = (("sequence", "position"), masked.view(np.uint8), {"units": "bool"})
    coords = {key: ("sequence", np.asarray(value)) for key, value in coordinates.items()}
    return xr.Dataset(variables, coords)
