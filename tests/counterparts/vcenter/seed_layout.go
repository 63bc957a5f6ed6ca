package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// fileLayout collects the files of a VM with their sizes, as layoutEx shows them.
type fileLayout struct {
	files  []types.VirtualMachineFileLayoutExFileInfo
	chains []types.VirtualMachineFileLayoutExDiskLayout
}

func (l *fileLayout) file(name, kind string, size int64) int32 {
	key := int32(len(l.files))
	l.files = append(l.files, types.VirtualMachineFileLayoutExFileInfo{
		Key: key, Name: name, Type: kind, Size: size, UniqueSize: size, Accessible: ptr(true),
	})
	return key
}

// disk notes a disk's descriptor and extent.
func (l *fileLayout) disk(m *machineDevices, disk *types.VirtualDisk, plan *diskDraft, file string, used int64) {
	chain := types.VirtualMachineFileLayoutExDiskLayout{Key: disk.Key}
	if file != "" {
		descriptor := l.file(file, "diskDescriptor", 680)
		extent := l.file(strings.TrimSuffix(file, ".vmdk")+"-flat.vmdk", "diskExtent", used)
		chain.Chain = []types.VirtualMachineFileLayoutExDiskUnit{{FileKey: []int32{descriptor, extent}}}
		m.useStore(plan.store.Self, used+680, plan.bytes-used)
	}
	l.chains = append(l.chains, chain)
}

// delta notes a delta file on top of the last disk.
func (l *fileLayout) delta(m *machineDevices, disk *types.VirtualDisk, plan *diskDraft, file string) {
	if file == "" {
		return
	}
	size := (64 + int64(m.d.random.Intn(4000))) * miB
	descriptor := l.file(file, "diskDescriptor", 420)
	extent := l.file(strings.TrimSuffix(file, ".vmdk")+"-sesparse.vmdk", "diskExtent", size)
	chain := &l.chains[len(l.chains)-1]
	chain.Chain = append(chain.Chain, types.VirtualMachineFileLayoutExDiskUnit{FileKey: []int32{descriptor, extent}})
	m.useStore(plan.store.Self, size+420, plan.bytes-size)
}

// lineage is the way from the root snapshot to the one on which the VM runs.
func (d *draft) lineage() []snapshotDraft {
	byName := map[string]snapshotDraft{}
	for _, snapshot := range d.snapshots {
		byName[snapshot.name] = snapshot
	}
	current := d.current
	if current == "" && len(d.snapshots) > 0 {
		current = d.snapshots[len(d.snapshots)-1].name
	}
	var way []snapshotDraft
	for current != "" {
		snapshot := byName[current]
		way = append([]snapshotDraft{snapshot}, way...)
		current = snapshot.parent
	}
	return way
}

// snapshotTree builds the tree of a VM's snapshots and their places in the layout.
func (d *draft) snapshotTree(vm reference, home string, m *machineDevices, l *fileLayout) (
	*types.VirtualMachineSnapshotInfo, []types.VirtualMachineFileLayoutExSnapshotLayout, []reference,
) {
	if len(d.snapshots) == 0 {
		return nil, nil, nil
	}
	ids := map[string]reference{}
	var layouts []types.VirtualMachineFileLayoutExSnapshotLayout
	way := d.lineage()
	for i, snapshot := range d.snapshots {
		id := d.w.id("VirtualMachineSnapshot", "snapshot-")
		ids[snapshot.name] = id
		layout := types.VirtualMachineFileLayoutExSnapshotLayout{Key: id, MemoryKey: -1}
		stem := fmt.Sprintf("%s/%s-Snapshot%d", home, d.fileName(), i+1)
		layout.DataKey = l.file(stem+".vmsn", "snapshotData", int64(280+i)*1024)
		m.useStore(m.d.home.Self, int64(280+i)*1024, 0)
		if snapshot.memory {
			size := int64(d.memoryMiB) * miB
			layout.MemoryKey = l.file(stem+".vmem", "snapshotMemory", size)
			m.useStore(m.d.home.Self, size, 0)
		}
		depth := len(way)
		for place, ancestor := range way {
			if ancestor.name == snapshot.name {
				depth = place
			}
		}
		for _, chain := range l.chains {
			part := chain
			if len(part.Chain) > depth+1 {
				part.Chain = part.Chain[:depth+1]
			}
			layout.Disk = append(layout.Disk, part)
		}
		layouts = append(layouts, layout)
	}
	info := &types.VirtualMachineSnapshotInfo{
		CurrentSnapshot: ptr(ids[way[len(way)-1].name]), RootSnapshotList: d.branch("", vm, ids),
	}
	var roots []reference
	for _, root := range info.RootSnapshotList {
		roots = append(roots, root.Snapshot)
	}
	return info, layouts, roots
}

func (d *draft) branch(parent string, vm reference, ids map[string]reference) []types.VirtualMachineSnapshotTree {
	var list []types.VirtualMachineSnapshotTree
	for i, snapshot := range d.snapshots {
		if snapshot.parent != parent {
			continue
		}
		state := types.VirtualMachinePowerStatePoweredOff
		if snapshot.memory {
			state = types.VirtualMachinePowerStatePoweredOn
		}
		created := captured.AddDate(0, 0, -snapshot.days).Add(time.Duration(i*137) * time.Millisecond)
		list = append(list, types.VirtualMachineSnapshotTree{
			Snapshot: ids[snapshot.name], Vm: vm, Name: snapshot.name, Description: snapshot.description, Id: int32(i + 1), CreateTime: created,
			State: state, Quiesced: snapshot.quiesced, ChildSnapshotList: d.branch(snapshot.name, vm, ids), ReplaySupported: ptr(false),
		})
	}
	return list
}
